import { parseJwkSet } from '@countersign/protocol'
import {
  importVerifier,
  keySource,
  publishedKeys,
  toPublicJwk,
  SIGNATURE_ALGORITHMS,
  type KeyLoadOptions,
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
   * what is known of it where the keys could not be fetched.
   */
  check(
    credential: KeyCredential,
    algorithm: SignatureAlgorithm,
    kid: string | undefined,
    check: (verifiers: readonly SignatureVerifier[]) => Promise<boolean>,
  ): Promise<boolean | KeysUnavailable>
}

/** The keys could not be fetched, and why. */
export type KeysUnavailable = Extract<KeyLookup, { readonly kind: 'unavailable' }>

/** How keys that are published elsewhere are fetched. */
export interface KeyFetching {
  /** Must reach nothing but what may be reached: the addresses come from registrations. */
  readonly fetch: typeof globalThis.fetch
  readonly now: () => number
}

/** How every key set of others is loaded: 5 seconds for one load, and an hour on keys that are old. */
export function keyLoading({ fetch, now }: KeyFetching): Omit<KeyLoadOptions, 'algorithms'> {
  return { fetch, now, timeout: 5000, staleFor: 3_600_000, emit: () => {} }
}

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
    const { jwksUri } = credential
    const algorithms = new Set(
      SIGNATURE_ALGORITHMS.filter((algorithm) => isAmong(credential.algorithms, algorithm)),
    )
    const source = keySource(
      publishedKeys({ ...keyLoading({ fetch, now }), jwksUri, algorithms }),
      now,
    )
    keySets.set(credential, source)
    return source
  }

  return {
    accepts: (credential, algorithm) =>
      isAmong(
        credential.kind === 'public_key' ? [credential.alg] : credential.algorithms,
        algorithm,
      ),
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
): Promise<boolean | KeysUnavailable> {
  const found: KeyLookup = await source.find(algorithm, kid)
  if (found.kind === 'unavailable') return found
  if (found.kind === 'unknown') return false
  if (await check(found.keys)) return true
  const replaced = await source.findReplaced(algorithm, kid)
  return replaced.kind === 'found' && check(replaced.keys)
}

/** `EdDSA` with an Ed25519 key and `Ed25519` are one algorithm. Source: RFC 9864 section 2.2. */
function isAmong(algorithms: readonly string[], algorithm: string): boolean {
  const name = (alg: string): string => (alg === 'EdDSA' ? 'Ed25519' : alg)
  return algorithms.some((one) => name(one) === name(algorithm))
}
