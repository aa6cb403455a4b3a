import type { CompactJws, JsonObject, Parsed } from '@countersign/protocol'
import {
  givenKeys,
  issuerKeys,
  keySource,
  type IssuerKeysOptions,
  type KeySource,
} from '@countersign/verify'
import type { IntrospectionSettings } from '../introspection/introspection-options.ts'
import { introspector, type IntrospectorOptions } from '../introspection/introspector.ts'
import type { GuardRequest } from '../guard/guard-request.ts'
import type { TokenConfirmer } from '../introspection/token-confirmer.ts'
import type { RevocationCheck, RevocationSource } from '../revocation/revocation-check.ts'
import { revocationChecks } from '../revocation/revocation-checks.ts'
import type { TokenVerifier } from './token-verifier.ts'
import { hasThreeParts } from './has-three-parts.ts'
import { accessTokenVerifier, type TokenPolicy } from './verify-access-token.ts'

/** What judging the tokens of one issuer takes. */
export interface IssuerVerifierOptions
  extends
    Omit<IntrospectorOptions, 'introspection' | 'keys' | 'algorithms' | 'emit' | 'issuer'>,
    IssuerKeysOptions,
    Pick<TokenPolicy, 'audience'> {
  readonly introspection: IntrospectionSettings | undefined
  readonly revocation: readonly RevocationSource[]
  /** Its keys, where they are not to be loaded. */
  readonly jwks: JsonObject | undefined
  readonly emit: IntrospectorOptions['emit']
}

/** Judges the tokens of one issuer: nothing of it is shared with another's. */
export interface IssuerVerifier {
  /** `jws` is the token taken apart, where that was done before. */
  readonly verify: (
    token: string,
    request: GuardRequest,
    jws?: Parsed<CompactJws>,
  ) => ReturnType<TokenVerifier>
  /** Whether a good token still stands; `undefined` where nothing ends tokens before their time. */
  readonly standing: RevocationCheck | undefined
  /** Whether the issuer says that it is active; `undefined` where it is not asked. */
  readonly confirm: TokenConfirmer | undefined
  /** Loads metadata and keys; gives whether there are any. */
  load(): Promise<boolean>
}

/**
 * Verifies JWTs by the keys that their issuer publishes, or that are given, and asks it about others
 * where `introspection` is set.
 */
export function issuerVerifier(options: IssuerVerifierOptions): IssuerVerifier {
  const { introspection, now } = options
  const { keys, load } = keysOf(options)
  const introspect = introspection && introspector({ ...options, introspection, keys })
  const verifyJwt = accessTokenVerifier(options, { keys, now })
  return {
    verify: (token, request, jws) => {
      const isJwt = introspect === undefined || hasThreeParts(token)
      if (introspect === undefined || (isJwt && introspection?.tokens !== 'all')) {
        return verifyJwt(token, jws)
      }
      if (isJwt) return introspect.verify(token, request)
      return token.startsWith(introspection?.prefix ?? '')
        ? introspect.verify(token, request)
        : { ok: false, reason: 'malformed_token' }
    },
    confirm: introspect?.confirm,
    standing: revocationChecks(options.revocation, { ...options, keys }),
    load,
  }
}

function keysOf(
  options: IssuerVerifierOptions,
): Pick<IssuerVerifier, 'load'> & { readonly keys: KeySource } {
  const { jwks, algorithms, now } = options
  if (jwks !== undefined) return { keys: givenKeys(jwks, algorithms), load: async () => true }
  const document = issuerKeys(options)
  return {
    keys: keySource(document, now),
    load: async () => (await document.get()) !== undefined,
  }
}
