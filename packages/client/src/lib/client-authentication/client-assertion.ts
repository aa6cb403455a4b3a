import { optionalNumber, ArgumentError } from '@countersign/protocol'
import { signCompactJwt, type JwtSigner } from '../jose/compact-jwt.ts'
import type { AuthenticatedRequest, ClientAuthenticationContext } from './client-authentication.ts'

/** How a client's assertions about itself are written. */
export interface ClientAssertionOptions {
  /**
   * Whom the assertion is for. Default `issuer`: the server's issuer identifier and nothing else, as
   * the revision of RFC 7523 demands; the token endpoint's address where no issuer is known.
   * `token_endpoint` is for servers that want that; any other text is sent as it is.
   */
  readonly audience?: 'issuer' | 'token_endpoint' | (string & {})
  /** Milliseconds an assertion is good for. Default 60 000. */
  readonly lifetime?: number
  /** The header's `typ`. Default `client-authentication+jwt`; `JWT` or `null` for older servers. */
  readonly typ?: 'client-authentication+jwt' | 'JWT' | null
}

/** The names of {@link ClientAssertionOptions}. */
export const CLIENT_ASSERTION_OPTIONS: readonly (keyof ClientAssertionOptions)[] = [
  'audience',
  'lifetime',
  'typ',
]

/** {@link ClientAssertionOptions}, checked and with every default in place. */
export interface ClientAssertionSettings {
  readonly audience: string
  readonly lifetime: number
  readonly typ: string | null
}

/** Servers refuse what was issued a moment in their future: clocks differ by that much. */
const BACKDATING = 5000

/** Checks the options of an assertion. Throws `ArgumentError`, naming the option of `caller`. */
export function clientAssertionSettings(
  caller: string,
  { audience = 'issuer', lifetime, typ = 'client-authentication+jwt' }: ClientAssertionOptions,
): ClientAssertionSettings {
  if (typeof audience !== 'string' || audience === '') {
    const message = `${caller}: 'audience' must be 'issuer', 'token_endpoint' or the audience itself`
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'audience', message)
  }
  if (typ !== null && typ !== 'client-authentication+jwt' && typ !== 'JWT') {
    const message = `${caller}: 'typ' must be 'client-authentication+jwt', 'JWT' or null`
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'typ', message)
  }
  return { audience, lifetime: assertionLifetime(caller, lifetime), typ }
}

/** The option `lifetime` of an assertion, a second to an hour. */
export function assertionLifetime(caller: string, lifetime: unknown): number {
  return optionalNumber(caller, 'lifetime', lifetime, {
    fallback: 60_000,
    min: 1000,
    max: 3_600_000,
  })
}

/** The audience that is meant by the option `audience`. */
export function assertionAudience(
  audience: string,
  { issuer, tokenEndpoint }: Pick<ClientAuthenticationContext, 'issuer' | 'tokenEndpoint'>,
): string {
  if (audience === 'issuer') return issuer ?? tokenEndpoint.href
  return audience === 'token_endpoint' ? tokenEndpoint.href : audience
}

/** The times and the number of one assertion: no two are alike. `now` is epoch milliseconds. */
export function assertionTimes(
  now: number,
  lifetime: number,
): { readonly iat: number; readonly nbf: number; readonly exp: number; readonly jti: string } {
  const issuedAt = Math.floor((now - BACKDATING) / 1000)
  return {
    iat: issuedAt,
    nbf: issuedAt,
    exp: Math.floor((now + lifetime) / 1000),
    jti: crypto.randomUUID(),
  }
}

/**
 * A client's signed assertion about itself, for one request.
 *
 * Source: RFC 7523 section 3; draft-ietf-oauth-rfc7523bis section 4 for `aud` and `typ`.
 */
export function signClientAssertion(
  context: ClientAuthenticationContext,
  { audience, lifetime, typ }: ClientAssertionSettings,
  { signer, header }: { readonly signer: JwtSigner; readonly header?: Record<string, unknown> },
): Promise<string> {
  const { clientId } = context
  const { jti, iat, nbf, exp } = assertionTimes(context.now(), lifetime)
  const claims = {
    iss: clientId,
    sub: clientId,
    aud: assertionAudience(audience, context),
    jti,
    iat,
    nbf,
    exp,
  }
  return signCompactJwt({ ...(typ !== null && { typ }), ...header }, claims, signer)
}

const TYPES = {
  'jwt-bearer': 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  'jwt-spiffe': 'urn:ietf:params:oauth:client-assertion-type:jwt-spiffe',
} as const

/** What kind of assertion a client presents. */
export type ClientAssertionType = keyof typeof TYPES

/**
 * An assertion among the form parameters, with the client named beside it: some servers look it up
 * before they read the assertion. Source: RFC 7521 section 4.2.
 */
export function presentClientAssertion(
  clientId: string,
  assertion: string,
  type: ClientAssertionType = 'jwt-bearer',
): AuthenticatedRequest {
  return {
    headers: {},
    parameters: [
      ['client_id', clientId],
      ['client_assertion_type', TYPES[type]],
      ['client_assertion', assertion],
    ],
  }
}
