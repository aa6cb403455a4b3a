import {
  ArgumentError,
  assertKnownOptions,
  optionalString,
  requiredString,
} from '@countersign/protocol'
import {
  assertionAudience,
  assertionLifetime,
  assertionTimes,
} from '../client-authentication/client-assertion.ts'
import {
  signingCredentials,
  type SigningCredentialOptions,
} from '../client-authentication/signing-credentials.ts'
import { signCompactJwt } from '../jose/compact-jwt.ts'
import type { GrantContext } from './grant.ts'
import { credentialFingerprint } from '../client-authentication/credential-fingerprint.ts'
import type { GrantAssertion } from './jwt-bearer-grant.ts'

/** What an assertion for {@link jwtBearer} says. */
export interface SignedAssertionOptions extends SigningCredentialOptions {
  /** Who says it: a service account's address, a client identifier. */
  readonly iss: string
  /** For whom the token is to be. Default: `iss`. */
  readonly sub?: string
  /**
   * Whom the assertion is for. Default `token_endpoint`, as servers of this grant have it; `issuer`,
   * or the audience itself.
   */
  readonly audience?: 'issuer' | 'token_endpoint' | (string & {})
  /** Milliseconds an assertion is good for. Default 60 000. */
  readonly lifetime?: number
  /** Whether the scopes asked for are also a claim, as Google has it. Default `false`. */
  readonly scopeClaim?: boolean
  /** Further claims; they cannot replace those above. */
  readonly claims?: Readonly<Record<string, unknown>>
}

const OPTIONS: readonly (keyof SignedAssertionOptions)[] = [
  'key',
  'alg',
  'kid',
  'certificate',
  'iss',
  'sub',
  'audience',
  'lifetime',
  'scopeClaim',
  'claims',
]

/**
 * Signs an assertion for {@link jwtBearer}, a fresh one for each request, by the server's clock.
 *
 * Where `key` gives a current and a next key, the other one is tried after `invalid_grant`.
 *
 * Throws when made: `ArgumentError`. Rejects when used: `ERR_CREDENTIAL`.
 * Source: RFC 7523 section 3.
 */
export function signedAssertion(options: SignedAssertionOptions): GrantAssertion {
  assertKnownOptions('signedAssertion', options, OPTIONS)
  const given: SignedAssertionOptions = options
  const iss = requiredString('signedAssertion', 'iss', given.iss)
  const sub = optionalString('signedAssertion', 'sub', given.sub) ?? iss
  const audience = optionalString('signedAssertion', 'audience', given.audience) ?? 'token_endpoint'
  const lifetime = assertionLifetime('signedAssertion', given.lifetime)
  const { scopeClaim = false, claims = {} } = given
  if (typeof scopeClaim !== 'boolean') {
    const message = "signedAssertion: 'scopeClaim' must be true or false"
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'scopeClaim', message)
  }
  const { key, alg, kid, certificate } = given
  const credentials = signingCredentials('signedAssertion', {
    key,
    ...(alg !== undefined && { alg }),
    ...(kid !== undefined && { kid }),
    ...(certificate !== undefined && { certificate }),
  })
  /** Which keys each exchange has used, one for each assertion that was refused and one more. */
  const used = new WeakMap<GrantContext, string[]>()

  const sign: GrantAssertion = async (context, refused) => {
    const { asked } = context
    const spent = (used.get(context) ?? []).slice(0, refused.length)
    const credential = (await credentials()).find((one) => !spent.includes(one.fingerprint))
    if (credential === undefined) return undefined
    used.set(context, [...spent, credential.fingerprint])
    const { jti, iat, nbf, exp } = assertionTimes(context.now(), lifetime)
    return signCompactJwt(
      { typ: 'JWT', ...credential.header },
      {
        ...claims,
        ...(scopeClaim && asked.scope.length > 0 && { scope: asked.scope.join(' ') }),
        iss,
        sub,
        aud: assertionAudience(audience, context),
        jti,
        iat,
        nbf,
        exp,
      },
      credential.signer,
    )
  }
  /** By whom and for whom it speaks, and with which keys: the same in all processes that have them. */
  return Object.assign(sign, {
    fingerprint: async () => {
      const keys = (await credentials()).map((one) => one.fingerprint)
      return credentialFingerprint(['assertion', iss, sub, claims, keys])
    },
  })
}
