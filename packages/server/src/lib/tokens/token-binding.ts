import { dpopNonces, dpopVerifier } from '@countersign/verify'
import type { AuthenticationPolicy } from '../client-authentication/authentication-settings.ts'
import type { ClientCertificates } from '../client-authentication/client-certificates.ts'
import type { FirstUses } from '../client-authentication/first-use.ts'
import type { Received } from '../http/connection.ts'
import type { KeyRing } from '../secrets/derived-keys.ts'
import { senderConstrainer, type SenderConstrainer } from './sender-constraint.ts'

/** Most secrets that nonces are accepted of. */
const MAX_SECRETS = 8

/**
 * The binding of tokens by a server's settings. Nonces come out of the master keys, so that every node
 * knows those of every other.
 *
 * Source: RFC 9449 section 8.
 */
export function tokenBinding({
  policy,
  issuer,
  tokenEndpoint,
  mtlsTokenEndpoint,
  keyRing,
  replay,
  certificates,
  now,
}: {
  readonly policy: AuthenticationPolicy
  readonly issuer: string
  readonly tokenEndpoint: string
  readonly mtlsTokenEndpoint: string | undefined
  readonly keyRing: KeyRing
  readonly replay: FirstUses
  readonly certificates: ClientCertificates | undefined
  readonly now: () => number
}): SenderConstrainer {
  const secrets = keyRing.all.slice(0, MAX_SECRETS).map(({ nonces }) => nonces.export())
  const fapi2 = policy.profile === 'fapi2'
  return senderConstrainer({
    dpop: dpopVerifier({
      algorithms: policy.algorithms,
      nonces: dpopNonces({ secrets, audience: issuer, now }),
      nonce: policy.dpopNonce,
      alwaysCheckAge: fapi2,
      now,
    }),
    urlOf: ({ request }: Received) =>
      mtlsTokenEndpoint !== undefined && hostOf(request.url) === hostOf(mtlsTokenEndpoint)
        ? mtlsTokenEndpoint
        : tokenEndpoint,
    certificates,
    replay,
    always: fapi2,
  })
}

function hostOf(url: string): string {
  return new URL(url).host
}
