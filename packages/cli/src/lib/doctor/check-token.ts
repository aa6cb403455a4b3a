import {
  clientCredentials,
  isTokenError,
  type AccessToken,
  type ClientOptions,
  type TokenError,
} from '@countersign/client'
import type { AuthorizationServerMetadata } from '@countersign/protocol'
import { explainFailure } from '../errors/explain-failure.ts'
import { printable } from '../text/printable.ts'
import { note, ok, problem, type Finding } from './finding.ts'

/** What came of asking for a token. */
export interface TokenCheck {
  readonly findings: readonly Finding[]
  readonly token: AccessToken | undefined
}

/**
 * Asks for a token with the settings as they are. Where the server refuses the client or what it asks
 * for, asks again with one setting changed at a time, to find the one that is wrong: three times more
 * at most, so that a server that counts failures is not provoked.
 */
export async function checkToken(
  options: ClientOptions,
  metadata: AuthorizationServerMetadata | undefined,
): Promise<TokenCheck> {
  const method = methodFinding(options, metadata)
  const first = await attempt(options)
  if (!(first instanceof Error)) {
    return { findings: [...method, ok('token', 'the server gives one')], token: first }
  }
  const refused = await explainFailure(first)
  const others = alternatives(options, first)
  for (const [changed, cure] of others) {
    const answer = await attempt(changed)
    if (answer instanceof Error) continue
    const says = `${refused.message}; with one setting changed the server gives a token`
    return { findings: [...method, problem('token', says, cure)], token: answer }
  }
  const cure = others.length > 0 && isClientRefused(first) ? ALL_TRIED : refused.cure
  return { findings: [...method, problem('token', refused.message, cure)], token: undefined }
}

const ALL_TRIED =
  'Check the client ID and the secret, and that the client is not disabled: every way to send a secret was tried'

function isClientRefused({ oauth }: TokenError): boolean {
  return oauth?.error === 'invalid_client'
}

async function attempt(options: ClientOptions): Promise<AccessToken | TokenError> {
  try {
    return await clientCredentials(options)()
  } catch (error) {
    if (isTokenError(error)) return error
    throw error
  }
}

/** Settings with one change each, the likeliest first, and what to write where it helps. */
function alternatives(
  options: ClientOptions,
  refusal: TokenError,
): readonly (readonly [ClientOptions, string])[] {
  const { oauth } = refusal
  if (isClientRefused(refusal)) {
    const { authMethod: _method, basicEncoding: _encoding, ...rest } = options
    return [
      [
        { ...rest, authMethod: 'client_secret_post' },
        'The server wants the credentials in the body: --auth-method client_secret_post',
      ],
      [
        { ...rest, authMethod: 'client_secret_basic', basicEncoding: 'raw' },
        'The server does not decode Basic credentials: --auth-method client_secret_basic --basic-encoding raw',
      ],
      [
        { ...rest, authMethod: 'client_secret_basic', basicEncoding: 'form' },
        'The server wants Basic: --auth-method client_secret_basic',
      ],
    ].filter(
      ([changed]) =>
        (changed as ClientOptions).authMethod !== options.authMethod ||
        (changed as ClientOptions).basicEncoding !== options.basicEncoding,
    ) as [ClientOptions, string][]
  }
  if (oauth?.error === 'invalid_scope' && (options.scope ?? []).length > 0) {
    const { scope: _scope, ...rest } = options
    return [[rest, 'Leave --scope out, or ask for scopes that were granted; see scope below']]
  }
  if (oauth?.error === 'invalid_target' || oauth?.error === 'invalid_request') {
    const [resource] = [options.resource ?? []].flat()
    const { resource: _resource, audience, ...rest } = options
    if (resource !== undefined && audience === undefined) {
      return [
        [
          { ...rest, audience: resource },
          `The server takes an audience: --audience ${printable(resource)}`,
        ],
        [rest, 'Leave --resource out: the server gives a token without it; see audience below'],
      ]
    }
  }
  return []
}

function methodFinding(
  { authMethod }: ClientOptions,
  metadata: AuthorizationServerMetadata | undefined,
): readonly Finding[] {
  const offered = metadata?.tokenEndpointAuthMethods
  if (offered === undefined) return []
  const wanted =
    authMethod ?? offered.find((one) => one.startsWith('client_secret_')) ?? 'client_secret_basic'
  if (offered.includes(wanted)) return [ok('method', `${wanted} is offered`)]
  const list = printable(offered.join(', ').slice(0, 200))
  return [
    note(
      'method',
      `the metadata does not offer ${wanted}, only ${list}`,
      offered.some((one) => one.startsWith('client_secret_'))
        ? 'Leave --auth-method out, or choose one that is offered'
        : 'The server wants a key or a certificate: see privateKeyJwt and tlsClientAuth of @countersign/client',
    ),
  ]
}
