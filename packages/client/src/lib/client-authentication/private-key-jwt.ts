import { assertKnownOptions } from '@countersign/protocol'
import {
  CLIENT_ASSERTION_OPTIONS,
  clientAssertionSettings,
  presentClientAssertion,
  signClientAssertion,
  type ClientAssertionOptions,
} from './client-assertion.ts'
import type { AuthenticatedRequest, ClientAuthentication } from './client-authentication.ts'
import { credentialFingerprint } from './credential-fingerprint.ts'
import { signingCredentials, type SigningCredentialOptions } from './signing-credentials.ts'

/** Which key signs, and how assertions are written. */
export interface PrivateKeyJwtOptions extends SigningCredentialOptions, ClientAssertionOptions {}

const OPTIONS: readonly string[] = ['key', 'alg', 'kid', 'certificate', ...CLIENT_ASSERTION_OPTIONS]

/** Most keys that one exchange tries: a source that gives another one each time ends here. */
const MAX_TRIES = 4

/**
 * Authentication with a private key: it signs a short-lived assertion, a fresh one for every try.
 *
 * The key may be a JWK, a PKCS#8 PEM text, a `CryptoKey`, an object with a `sign` function (KMS,
 * HSM), or a function giving any of these, or several that are live at once: after `invalid_client`
 * those that were not refused are tried, each once. Times follow the server's clock, as far as its
 * answers teach it, and are set back 5 s.
 *
 * Throws when made: `ArgumentError`. Rejects when used: `ERR_CREDENTIAL`.
 * Source: RFC 7523 sections 2.2 and 3; draft-ietf-oauth-rfc7523bis section 4.
 *
 * @example clientAuthentication: privateKeyJwt({ key: pem, kid: '2026-11' })
 */
export function privateKeyJwt(options: PrivateKeyJwtOptions): ClientAuthentication {
  assertKnownOptions('privateKeyJwt', options, OPTIONS)
  const { audience, lifetime, typ, ...credential }: PrivateKeyJwtOptions = options
  const settings = clientAssertionSettings('privateKeyJwt', {
    ...(audience !== undefined && { audience }),
    ...(lifetime !== undefined && { lifetime }),
    ...(typ !== undefined && { typ }),
  })
  const credentials = signingCredentials('privateKeyJwt', credential)
  /** Which key is behind a proof: the proof itself does not show it. */
  const keyOf = new WeakMap<AuthenticatedRequest, string>()
  return {
    method: 'private_key_jwt',
    async authenticate(context, refused) {
      if (refused.length >= MAX_TRIES) return undefined
      const spent = refused.map((proof) => keyOf.get(proof))
      const usable = (await credentials()).find(({ fingerprint }) => !spent.includes(fingerprint))
      if (usable === undefined) return undefined
      const proof = presentClientAssertion(
        context.clientId,
        await signClientAssertion(context, settings, usable),
      )
      keyOf.set(proof, usable.fingerprint)
      return proof
    },
    async fingerprint() {
      const live = await credentials()
      return credentialFingerprint(live.map(({ fingerprint, header }) => [fingerprint, header]))
    },
  }
}
