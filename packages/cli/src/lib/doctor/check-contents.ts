import type { AccessToken, ClientOptions } from '@countersign/client'
import {
  parseJwkSet,
  parseJsonObject,
  readBoundedText,
  type AuthorizationServerMetadata,
} from '@countersign/protocol'
import { inspectToken } from '../inspect/inspect-token.ts'
import { printable } from '../text/printable.ts'
import { failureCode, type Asking } from './check-server.ts'
import { note, ok, problem, type Finding } from './finding.ts'

/**
 * Checks what a token says against what was asked for, and that its key is published.
 *
 * Only a guard verifies a token: this finds what a guard would trip over. Source: RFC 9068.
 */
export async function checkContents(
  token: AccessToken,
  options: ClientOptions,
  metadata: AuthorizationServerMetadata | undefined,
  asking: Asking,
): Promise<readonly Finding[]> {
  const findings = [lifeFinding(token, asking.now()), scopeFinding(token, options)]
  const inspection = inspectToken(token.value, asking.now())
  if (inspection.kind !== 'jwt') {
    return [...findings, ok('form', `the token is ${inspection.kind}: the API must introspect it`)]
  }
  const { claims, header, warnings } = inspection
  findings.push(
    warnings.length === 0
      ? ok('form', 'a JWT as RFC 9068 has it')
      : note('form', warnings.join('; '), 'Check that the guard of the API takes such tokens'),
  )
  if (metadata !== undefined && claims['iss'] !== metadata.issuer) {
    findings.push(
      problem(
        'iss',
        `the token names the issuer ${shown(claims['iss'])}, the metadata ${metadata.issuer}`,
        'Mend it at the server: guards compare the two letter by letter',
      ),
    )
  }
  findings.push(audienceFinding(claims['aud'], options))
  if (metadata?.jwksUri !== undefined) {
    findings.push(await keyFinding(header['kid'], metadata.jwksUri, asking))
  }
  return findings
}

function lifeFinding({ expiresAt }: AccessToken, now: number): Finding {
  if (expiresAt === undefined) {
    return note(
      'life',
      'the server does not say how long it lives',
      'Expect it to be used for 5 minutes',
    )
  }
  const seconds = Math.floor((expiresAt - now) / 1000)
  if (seconds >= 60) return ok('life', `it lives ${seconds} s`)
  return note(
    'life',
    `it lives ${seconds} s only`,
    'Have its lifetime raised: callers ask all the time',
  )
}

function scopeFinding({ scope }: AccessToken, options: ClientOptions): Finding {
  const asked = [options.scope ?? []].flat().flatMap((one) => one.split(' '))
  const given = printable(scope.join(' ').slice(0, 300))
  const missing = asked.filter((one) => !scope.includes(one))
  if (missing.length === 0) return ok('scope', given === '' ? 'the server names none' : given)
  return problem(
    'scope',
    `the server left out ${printable(missing.join(' ').slice(0, 200))}; it gives ${given === '' ? 'none' : given}`,
    'Have the scope granted to the client, or do not ask for it',
  )
}

function audienceFinding(aud: unknown, options: ClientOptions): Finding {
  const named = [aud].flat().filter((one) => typeof one === 'string')
  const asked = [...[options.resource ?? []].flat(), ...[options.audience ?? []].flat()]
  const missing = asked.filter((one) => !named.includes(one))
  if (missing.length === 0) return ok('audience', shown(named.join(', ')))
  return problem(
    'audience',
    `the token is for ${shown(named.join(', '))}, not for ${printable(missing.join(', '))}`,
    'Ask with --resource or --audience, whichever the server takes, and give the guard the same text',
  )
}

/** The most of a key set that is read, in bytes. */
const MAX_KEYS = 1_048_576

async function keyFinding(kid: unknown, jwksUri: string, asking: Asking): Promise<Finding> {
  let text: string | undefined
  try {
    const signal = AbortSignal.timeout(asking.timeout)
    const response = await asking.fetch(jwksUri, { redirect: 'manual', signal })
    text = await readBoundedText(response.body, MAX_KEYS)
  } catch (error) {
    return problem(
      'key',
      `the keys cannot be reached (${failureCode(error)})`,
      'Check jwks_uri at the server',
    )
  }
  const json = parseJsonObject(text ?? '')
  const keys = json.ok ? parseJwkSet(json.value) : undefined
  if (keys?.ok !== true) {
    return problem('key', 'the document at jwks_uri is no key set', 'Mend it at the server')
  }
  if (keys.value.some((key) => key.kid === kid)) return ok('key', 'published at jwks_uri')
  return problem(
    'key',
    `the key that signed the token (${shown(kid)}) is not published`,
    'A guard would refuse the token: publish keys before they sign',
  )
}

function shown(value: unknown): string {
  return typeof value === 'string' && value !== '' ? printable(value.slice(0, 200)) : 'nobody'
}
