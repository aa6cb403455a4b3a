import { parseJwkSet, type Issuer } from '@countersign/protocol'
import {
  importVerifier,
  issuerKeys,
  keySource,
  toPublicJwk,
  type KeyLookup,
  type KeySource,
  type SignatureAlgorithm,
  type SignatureVerifier,
} from '@countersign/verify'
import type { CredentialBase, KeySetProof, PublicKeyProof } from '../registry/records.ts'

/** A credential that verifies signatures. */
export type KeyCredential = CredentialBase & (PublicKeyProof | KeySetProof)

/** The public keys of credentials, each imported once, and fetched where they are published. */
export interface CredentialKeys {
  /** Whether a signature by this credential may have that algorithm. */
  accepts(credential: KeyCredential, algorithm: SignatureAlgorithm): boolean
  /**
   * Has every key that may have made a signature tried by `check`, until one did: whether one did, or
   * `unavailable` where the keys could not be fetched.
   */
  check(
    credential: KeyCredential,
    algorithm: SignatureAlgorithm,
    kid: string | undefined,
    check: (verifiers: readonly SignatureVerifier[]) => Promise<boolean>,
  ): Promise<boolean | 'unavailable'>
}

/** How keys that are published elsewhere are fetched. */
export interface KeyFetching {
  /** Must reach nothing but what may be reached: the addresses come from registrations. */
  readonly fetch: typeof globalThis.fetch
  readonly now: () => number
}

/** Milliseconds for one load, and for which keys that cannot be renewed serve on. */
const FETCH_TIMEOUT = 5000
const STALE_FOR = 3_600_000

/** No keys yet: they are imported when they are first asked for, and forgotten with their records. */
export function credentialKeys({ fetch, now }: KeyFetching): CredentialKeys {
  const publicKeys = new WeakMap<KeyCredential, Promise<SignatureVerifier | undefined>>()
  const keySets = new WeakMap<KeyCredential, KeySource>()

  function verifierOf(
    credential: CredentialBase & PublicKeyProof,
    algorithm: SignatureAlgorithm,
  ): Promise<SignatureVerifier | undefined> {
    const known = publicKeys.get(credential)
    if (known !== undefined) return known
    const parsed = parseJwkSet({ keys: [credential.publicJwk] })
    const [key] = parsed.ok ? parsed.value : []
    const jwk = key === undefined ? undefined : toPublicJwk(key)
    const made = jwk === undefined ? Promise.resolve(undefined) : importVerifier(jwk, algorithm)
    publicKeys.set(credential, made)
    return made
  }

  function sourceOf(credential: CredentialBase & KeySetProof): KeySource {
    const known = keySets.get(credential)
    if (known !== undefined) return known
    const document = issuerKeys({
      // Where `jwksUri` is given the issuer is not used to find anything.
      issuer: credential.jwksUri as Issuer,
      jwksUri: credential.jwksUri,
      algorithms: new Set(credential.algorithms as readonly SignatureAlgorithm[]),
      fetch,
      now,
      timeout: FETCH_TIMEOUT,
      staleFor: STALE_FOR,
      emit: () => {},
    })
    const source = keySource(document, now)
    keySets.set(credential, source)
    return source
  }

  return {
    accepts: (credential, algorithm) =>
      credential.kind === 'public_key'
        ? sameAlgorithm(credential.alg, algorithm)
        : credential.algorithms.some((one) => sameAlgorithm(one, algorithm)),
    async check(credential, algorithm, kid, check) {
      if (credential.kind === 'key_set') {
        return checkPublished(sourceOf(credential), algorithm, kid, check)
      }
      const registered = credential.publicJwk['kid']
      if (kid !== undefined && registered !== undefined && kid !== registered) return false
      const verifier = await verifierOf(credential, algorithm)
      return verifier !== undefined && check([verifier])
    },
  }
}

/** As {@link CredentialKeys.check}, over keys that somebody publishes. */
export async function checkPublished(
  source: KeySource,
  algorithm: string,
  kid: string | undefined,
  check: (verifiers: readonly SignatureVerifier[]) => Promise<boolean>,
): Promise<boolean | 'unavailable'> {
  const found: KeyLookup = await source.find(algorithm, kid)
  if (found.kind === 'unavailable') return 'unavailable'
  if (found.kind === 'unknown') return false
  if (await check(found.keys)) return true
  const replaced = await source.findReplaced(algorithm, kid)
  return replaced.kind === 'found' && check(replaced.keys)
}

/** `EdDSA` with an Ed25519 key and `Ed25519` are one algorithm. Source: RFC 9864 section 2.2. */
function sameAlgorithm(left: string, right: string): boolean {
  const name = (alg: string): string => (alg === 'EdDSA' ? 'Ed25519' : alg)
  return name(left) === name(right)
}
