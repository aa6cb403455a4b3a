import type { KeyRing } from '../secrets/derived-keys.ts'
import { slowHashing } from '../secrets/slow-hash.ts'
import { audienceCheck } from './assertion-audience.ts'
import type { AuthenticationMethod } from './authentication-method.ts'
import type { AuthenticationPolicy } from './authentication-settings.ts'
import { clientAssertion, type AssertionKind } from './client-assertion.ts'
import type { ClientCertificates } from './client-certificates.ts'
import { clientSecretBasic, clientSecretPost } from './client-secret.ts'
import { clientSecretJwt } from './client-secret-jwt.ts'
import { credentialKeys } from './credential-keys.ts'
import type { FirstUses } from './first-use.ts'
import { importedSecretCheck } from './imported-secret.ts'
import type { AuthenticationMethodName } from './method-names.ts'
import { privateKeyJwt } from './private-key-jwt.ts'
import { tlsClientAuth } from './tls-client-auth.ts'
import { trustedIssuerKeys } from './trusted-issuer-keys.ts'
import { workloadAssertion } from './workload-assertion.ts'

/** What the ways to authenticate are made of. */
export interface AuthenticationOptions {
  readonly policy: AuthenticationPolicy
  readonly issuer: string
  readonly tokenEndpoints: readonly string[]
  readonly keyRing: KeyRing
  readonly replay: FirstUses
  /** `undefined` where there are none. */
  readonly certificates: ClientCertificates | undefined
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

/**
 * Every way for a client of this server to authenticate; under the profile `fapi2` those that it leaves.
 *
 * Source: FAPI 2.0 Security Profile section 5.3.2.1.
 */
export function authenticationMethods(options: AuthenticationOptions): OfferedAuthentication {
  const { policy, keyRing, certificates } = options
  const byKey = privateKeyJwt({
    keys: credentialKeys({ fetch: policy.fetch, now: options.now }),
    algorithms: new Set(policy.algorithms),
    policy: selfAssertionPolicy(options),
  })
  const byCertificate = certificates === undefined ? [] : [tlsClientAuth(certificates)]
  const certificateNames =
    certificates === undefined
      ? []
      : (['tls_client_auth', 'self_signed_tls_client_auth'] satisfies AuthenticationMethodName[])
  if (policy.profile === 'fapi2') {
    return {
      methods: [clientAssertion([byKey]), ...byCertificate],
      names: ['private_key_jwt', ...certificateNames],
      signingAlgorithms: policy.announcedAlgorithms,
    }
  }
  const checking = { keyRing, checkImported: importedSecretCheck(slowHashing()) }
  return {
    methods: [
      clientSecretBasic(checking),
      clientSecretPost(checking),
      clientAssertion([byWorkload(options), bySecret(options), byKey]),
      ...byCertificate,
    ],
    names: [
      'client_secret_basic',
      'client_secret_post',
      'client_secret_jwt',
      'private_key_jwt',
      ...certificateNames,
    ],
    signingAlgorithms: [...policy.announcedAlgorithms, 'HS256'],
  }
}

function selfAssertionPolicy(options: AuthenticationOptions) {
  const { policy, issuer, replay } = options
  const { maxLifetime, clockTolerance } = policy
  const acceptsAudience = audienceCheck(policy.assertionAudience, options)
  return { issuer, acceptsAudience, maxLifetime, clockTolerance, replay }
}

function bySecret(options: AuthenticationOptions): AssertionKind {
  return clientSecretJwt({ keyRing: options.keyRing, policy: selfAssertionPolicy(options) })
}

function byWorkload({ policy, issuer, replay, now }: AuthenticationOptions): AssertionKind {
  return workloadAssertion({
    issuer,
    keys: trustedIssuerKeys({ fetch: policy.fetch, now }),
    algorithms: new Set(policy.algorithms),
    clockTolerance: policy.clockTolerance,
    replay,
  })
}
