import { DEFAULT_SIGNATURE_ALGORITHMS, SIGNATURE_ALGORITHMS } from '@countersign/verify'
import type { AuthenticationMethodName } from './method-names.ts'
import type { KeyRing } from '../secrets/derived-keys.ts'
import { slowHashing } from '../secrets/slow-hash.ts'
import type { FirstUses } from './first-use.ts'
import { audienceCheck, type AssertionAudience } from './assertion-audience.ts'
import type { AssertionTimes } from './assertion-claims.ts'
import type { AuthenticationMethod } from './authentication-method.ts'
import { clientAssertion } from './client-assertion.ts'
import { clientSecretBasic, clientSecretPost } from './client-secret.ts'
import { clientSecretJwt } from './client-secret-jwt.ts'
import { credentialKeys } from './credential-keys.ts'
import { importedSecretCheck } from './imported-secret.ts'
import { privateKeyJwt } from './private-key-jwt.ts'

/** What the ways to authenticate are made of. */
export interface AuthenticationOptions extends AssertionTimes {
  readonly issuer: string
  readonly tokenEndpoints: readonly string[]
  readonly assertionAudience: AssertionAudience
  readonly keyRing: KeyRing
  readonly replay: FirstUses
  readonly fetch: typeof globalThis.fetch
  readonly now: () => number
}

/** The ways a client may authenticate, and what the metadata says of them. */
export interface OfferedAuthentication {
  readonly methods: readonly AuthenticationMethod[]
  /** `token_endpoint_auth_methods_supported`. */
  readonly names: readonly AuthenticationMethodName[]
  /** `token_endpoint_auth_signing_alg_values_supported`. */
  readonly signingAlgorithms: readonly string[]
}

/** Every way there is for a client of this server to authenticate. */
export function authenticationMethods(options: AuthenticationOptions): OfferedAuthentication {
  const { keyRing, replay, issuer, maxLifetime, clockTolerance } = options
  const policy = {
    issuer,
    acceptsAudience: audienceCheck(options.assertionAudience, options),
    maxLifetime,
    clockTolerance,
    replay,
  }
  const checking = { keyRing, checkImported: importedSecretCheck(slowHashing()) }
  const kinds = [
    clientSecretJwt({ keyRing, policy }),
    privateKeyJwt({
      keys: credentialKeys(options),
      algorithms: new Set(SIGNATURE_ALGORITHMS),
      policy,
    }),
  ]
  return {
    methods: [clientSecretBasic(checking), clientSecretPost(checking), clientAssertion(kinds)],
    names: ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt'],
    signingAlgorithms: [...DEFAULT_SIGNATURE_ALGORITHMS, 'HS256'],
  }
}
