import {
  metadataUrls,
  parseAuthorizationServerMetadata,
  parseIssuer,
  parseJsonObject,
  readBoundedText,
  type AuthorizationServerMetadata,
} from '@countersign/protocol'
import { printable } from '../text/printable.ts'
import { note, ok, problem, skipped, type Finding } from './finding.ts'

/** What is asked with. */
export interface Asking {
  readonly fetch: typeof globalThis.fetch
  readonly now: () => number
  /** Milliseconds for one request. */
  readonly timeout: number
}

/** What the server's own documents say. */
export interface ServerCheck {
  readonly findings: readonly Finding[]
  /** Where it could be read. */
  readonly metadata: AuthorizationServerMetadata | undefined
}

/** The most of a metadata document that is read, in bytes. */
const MAX_DOCUMENT = 262_144

/**
 * Checks a server from outside: is it there, does it say who it is, does it offer this flow, does its
 * clock agree. Source: RFC 8414 sections 2 and 3.
 */
export async function checkServer(issuerText: string, asking: Asking): Promise<ServerCheck> {
  const issuer = parseIssuer(issuerText)
  if (!issuer.ok) {
    const cure = 'Give the https address of the authorization server, without query or fragment'
    return {
      findings: [problem('issuer', `the issuer ${issuer.reason}`, cure)],
      metadata: undefined,
    }
  }
  let said: Finding | undefined
  let clock: Finding | undefined
  for (const url of metadataUrls(issuer.value)) {
    const answer = await ask(url, asking)
    if ('code' in answer) {
      const cure = 'Check that it runs, the address, DNS, proxy, firewall and certificate'
      return {
        findings: [
          problem('reachable', `${new URL(url).origin} cannot be reached (${answer.code})`, cure),
        ],
        metadata: undefined,
      }
    }
    clock ??= clockFinding(answer.response, asking.now())
    if (answer.response.status !== 200) continue
    const json = parseJsonObject(answer.text)
    const metadata = json.ok
      ? parseAuthorizationServerMetadata(json.value, issuer.value)
      : undefined
    if (metadata?.ok === true) {
      return {
        findings: [
          ok('reachable', `${new URL(url).origin} answers`),
          ok('metadata', `${new URL(url).pathname} names the issuer letter by letter`),
          ...clockFindings(clock),
          flowFinding(metadata.value),
        ],
        metadata: metadata.value,
      }
    }
    const named = json.ok ? json.value['issuer'] : undefined
    if (metadata !== undefined && metadata.member === 'issuer' && typeof named === 'string') {
      said = wrongIssuer(printable(named.slice(0, 200)), issuer.value)
    } else {
      const why =
        metadata === undefined ? 'it is no JSON object' : `${metadata.member} ${metadata.reason}`
      said ??= problem(
        'metadata',
        `the document at ${url} cannot be used: ${why}`,
        'Mend it at the server, or give --token-endpoint URL',
      )
    }
  }
  said ??= problem(
    'metadata',
    `${issuer.value} publishes none at any of the well-known places`,
    'Check the issuer, path and slash included; or give --token-endpoint URL',
  )
  return {
    findings: [ok('reachable', 'the server answers'), said, ...clockFindings(clock)],
    metadata: undefined,
  }
}

async function ask(
  url: string,
  { fetch, timeout }: Asking,
): Promise<{ readonly response: Response; readonly text: string } | { readonly code: string }> {
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/json' },
      redirect: 'manual',
      signal: AbortSignal.timeout(timeout),
    })
    return { response, text: (await readBoundedText(response.body, MAX_DOCUMENT)) ?? '' }
  } catch (error) {
    return { code: failureCode(error) }
  }
}

/** The code of a failed connection, such as `ECONNREFUSED`; a word where there is none. */
export function failureCode(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'no answer in time'
  const { cause } = error as { readonly cause?: { readonly code?: unknown } }
  return typeof cause?.code === 'string' ? printable(cause.code) : 'no connection'
}

function wrongIssuer(named: string, asked: string): Finding {
  const slash = named.replace(/\/$/, '') === asked.replace(/\/$/, '')
  return problem(
    'metadata',
    `the document names the issuer ${named}`,
    slash
      ? `The two differ by a trailing slash only, and they are compared letter by letter: --issuer ${named}`
      : `Use that one if you trust it: --issuer ${named}`,
  )
}

function flowFinding({ grantTypes }: AuthorizationServerMetadata): Finding {
  // Left out means the default of RFC 8414, which is about users; many servers just leave it out.
  if (grantTypes === undefined || grantTypes.includes('client_credentials')) {
    return ok('flow', 'client credentials are offered')
  }
  const user = grantTypes.some(
    (type) => type === 'authorization_code' || type.endsWith('device_code'),
  )
  return problem(
    'flow',
    `the metadata does not offer client_credentials, only ${printable(grantTypes.join(', ').slice(0, 200))}`,
    user
      ? 'This server wants a user to be present: have client credentials switched on for the client, or use its user flow'
      : 'Have client credentials switched on at the server',
  )
}

/** A clock further off than this makes fresh tokens look early or late to others, in milliseconds. */
const TOLERANCE = 30_000

function clockFinding({ headers }: Response, now: number): Finding | undefined {
  const at = Date.parse(headers.get('date') ?? '')
  if (Number.isNaN(at)) return undefined
  const off = Math.round((now - at) / 1000)
  if (Math.abs(now - at) <= TOLERANCE) return ok('clock', 'this machine and the server agree')
  return note(
    'clock',
    `this machine is ${Math.abs(off)} s ${off > 0 ? 'ahead of' : 'behind'} the server`,
    'Let the clock be set by NTP: assertions and tokens made or checked here may be refused',
  )
}

function clockFindings(clock: Finding | undefined): readonly Finding[] {
  return [clock ?? skipped('clock', 'the server sends no date')]
}
