import {
  ArgumentError,
  optionalFunction,
  optionalNumber,
  optionalString,
  parseSecureUrl,
} from '@countersign/protocol'
import {
  DEFAULT_SIGNATURE_ALGORITHMS,
  publicFetch,
  SIGNATURE_ALGORITHMS,
  type ProxyCertificateOptions,
  type SignatureAlgorithm,
} from '@countersign/verify'
import type { AssertionAudience } from './assertion-audience.ts'

/** How clients of a server may prove who they are, and how their tokens are bound to them. */
export interface AuthenticationSettings {
  /**
   * `fapi2`: the FAPI 2.0 security profile. Clients authenticate with keys and certificates only, every
   * token is bound to its sender, DPoP proofs must hold a nonce, signatures are PS256, ES256 or Ed25519,
   * and assertions are for our issuer alone and live a minute at most. Default none.
   */
  readonly profile?: 'fapi2'
  /**
   * Whom a client's assertion about itself may be for. Default `issuer`: our identifier as one string.
   * `issuer-or-token-endpoint` is for clients that cannot do that yet.
   */
  readonly assertionAudience?: AssertionAudience
  /**
   * The furthest ahead that a client's assertion about itself may expire, in milliseconds. Default and
   * most 300,000; 60,000 under `fapi2`.
   */
  readonly maxAssertionLifetime?: number
  /**
   * How far the clock of whoever signs an assertion may be from ours, in milliseconds. Default and most
   * 60,000. It counts for `exp`, `nbf` and `iat`.
   */
  readonly clockTolerance?: number
  /**
   * Where client certificates come from: `connection`, where this process ends the TLS connection
   * itself and asks for them, or the header of a trusted proxy. Default: there are none, and
   * `tls_client_auth` is not offered.
   */
  readonly clientCertificates?: 'connection' | ProxyCertificateOptions
  /**
   * The origin at which clients are asked for a certificate, where that is another than the issuer's: it
   * is announced as `mtls_endpoint_aliases`.
   */
  readonly mtlsOrigin?: string
  /** Whether a DPoP proof must hold a nonce of ours. Default `optional`; always `required` under `fapi2`. */
  readonly dpopNonce?: 'required' | 'optional'
  /**
   * Fetches the keys that clients and trusted issuers publish. Default: reaches the public internet only,
   * and loopback where the issuer itself is there. Give a `publicFetch` of your own to allow a range of
   * private addresses.
   */
  readonly fetch?: typeof globalThis.fetch
}

/** The names of {@link AuthenticationSettings}. */
export const AUTHENTICATION_SETTINGS: readonly (keyof AuthenticationSettings)[] = [
  'profile',
  'assertionAudience',
  'maxAssertionLifetime',
  'clockTolerance',
  'clientCertificates',
  'mtlsOrigin',
  'dpopNonce',
  'fetch',
]

/** {@link AuthenticationSettings}, checked and complete. */
export interface AuthenticationPolicy {
  readonly profile: 'fapi2' | undefined
  readonly assertionAudience: AssertionAudience
  readonly maxLifetime: number
  readonly clockTolerance: number
  readonly clientCertificates: 'connection' | ProxyCertificateOptions | undefined
  readonly mtlsOrigin: string | undefined
  readonly dpopNonce: 'required' | 'optional'
  /** Of signatures by clients: assertions and proofs. */
  readonly algorithms: readonly SignatureAlgorithm[]
  /** Those of {@link AuthenticationPolicy.algorithms} that the metadata tells. */
  readonly announcedAlgorithms: readonly SignatureAlgorithm[]
  readonly fetch: typeof globalThis.fetch
}

/** Source: FAPI 2.0 Security Profile section 5.4.1. `EdDSA` is the old name of Ed25519. */
const FAPI_ALGORITHMS: readonly SignatureAlgorithm[] = ['ES256', 'PS256', 'EdDSA', 'Ed25519']

/** Checks the settings and puts the defaults in. Throws: `ArgumentError`, naming the option. */
export function readAuthenticationSettings(
  caller: string,
  settings: AuthenticationSettings,
  issuer: string,
): AuthenticationPolicy {
  const { profile, clientCertificates } = settings
  if (profile !== undefined && profile !== 'fapi2')
    throw invalid(caller, 'profile', "must be 'fapi2'")
  const strict = profile === 'fapi2'
  const { assertionAudience = 'issuer', dpopNonce = strict ? 'required' : 'optional' } = settings
  if (assertionAudience !== 'issuer' && assertionAudience !== 'issuer-or-token-endpoint') {
    const message = "must be 'issuer' or 'issuer-or-token-endpoint'"
    throw invalid(caller, 'assertionAudience', message)
  }
  if (strict && assertionAudience !== 'issuer') {
    throw invalid(caller, 'assertionAudience', "must be 'issuer' under the profile fapi2")
  }
  if (dpopNonce !== 'required' && dpopNonce !== 'optional') {
    throw invalid(caller, 'dpopNonce', "must be 'required' or 'optional'")
  }
  if (strict && dpopNonce !== 'required') {
    throw invalid(caller, 'dpopNonce', "must be 'required' under the profile fapi2")
  }
  const fromConnection = clientCertificates === 'connection'
  if (
    clientCertificates !== undefined &&
    !fromConnection &&
    typeof clientCertificates !== 'object'
  ) {
    throw invalid(
      caller,
      'clientCertificates',
      "must be 'connection' or what is known of the proxy",
    )
  }
  const most = strict ? 60_000 : 300_000
  const lifetime = { fallback: most, min: 1000, max: most }
  const tolerance = { fallback: 60_000, min: 0, max: 60_000 }
  return {
    profile,
    assertionAudience,
    maxLifetime: optionalNumber(
      caller,
      'maxAssertionLifetime',
      settings.maxAssertionLifetime,
      lifetime,
    ),
    clockTolerance: optionalNumber(caller, 'clockTolerance', settings.clockTolerance, tolerance),
    clientCertificates,
    mtlsOrigin: parseOrigin(caller, settings.mtlsOrigin),
    dpopNonce,
    algorithms: strict ? FAPI_ALGORITHMS : SIGNATURE_ALGORITHMS,
    announcedAlgorithms: strict ? FAPI_ALGORITHMS : DEFAULT_SIGNATURE_ALGORITHMS,
    fetch: optionalFunction(caller, 'fetch', settings.fetch, undefined) ?? fetchFor(issuer),
  }
}

/**
 * A server on loopback is one in development: there the keys may be on loopback too. Made when keys are
 * first asked for: a server that has none of others to ask for loads neither TLS nor DNS.
 */
function fetchFor(issuer: string): typeof globalThis.fetch {
  const loopbackHttp = issuer.startsWith('http:')
  const allowedAddresses = loopbackHttp ? ['127.0.0.0/8', '::1'] : []
  let made: typeof globalThis.fetch | undefined
  return (input, init) => {
    made ??= publicFetch({ loopbackHttp, allowedAddresses })
    return made(input, init)
  }
}

function parseOrigin(caller: string, value: unknown): string | undefined {
  const text = optionalString(caller, 'mtlsOrigin', value)
  if (text === undefined) return undefined
  const url = parseSecureUrl('mtlsOrigin', text)
  if (!url.ok) throw invalid(caller, 'mtlsOrigin', url.reason)
  if (url.value.href === `${url.value.origin}/`) return url.value.origin
  throw invalid(caller, 'mtlsOrigin', 'must be an origin: no path, no query')
}

function invalid(caller: string, name: string, message: string): ArgumentError {
  return new ArgumentError('ERR_ARGUMENT_VALUE', name, `${caller}: '${name}' ${message}`)
}
