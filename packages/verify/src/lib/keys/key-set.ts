import { parseJwkSet, thumbprintInput, type VerificationJwk } from '@countersign/protocol'
import { sha256Base64url } from '../digest/sha256.ts'
import { toPublicJwk, type PublicJwk } from '../signature/public-jwk.ts'
import { keyFits, type SignatureAlgorithm } from '../signature/signature-algorithm.ts'
import { importVerifier, type SignatureVerifier } from '../signature/signature-verifier.ts'

/** One key of a set, imported for one algorithm. */
export interface VerificationKey extends SignatureVerifier {
  /** What tells the key from every other. Source: RFC 7638 section 3. */
  readonly thumbprint: string
}

/** The keys of an issuer, imported. */
export interface KeySet {
  /**
   * Keys that may have made a signature of that algorithm: those with exactly that `kid`, or, for a
   * token that names none, all that fit. At most {@link MAX_CANDIDATES}.
   */
  candidates(algorithm: string, kid: string | undefined): readonly VerificationKey[]
  /** Whether a usable key has that `kid`, whatever its algorithm. */
  has(kid: string): boolean
  /** How many keys were left out because they are not among the pinned ones. */
  readonly unpinned: number
}

/** Most keys that are tried on one token. */
export const MAX_CANDIDATES = 4

/**
 * Imports a JWK set for the algorithms of the policy; `undefined` when it is not one to be trusted.
 *
 * Keys that are weak, broken or for other algorithms are skipped. Import happens here, once, so that
 * looking a key up is all that a request pays for. With `pinnedKeys`, thumbprints of RFC 7638, no other
 * key is taken.
 * Source: RFC 7517 sections 4 and 5; RFC 8725 section 3.1.
 */
export async function importKeySet(
  body: unknown,
  algorithms: ReadonlySet<SignatureAlgorithm>,
  pinnedKeys?: ReadonlySet<string>,
): Promise<KeySet | undefined> {
  const keys = parseJwkSet(body)
  if (!keys.ok) return undefined
  const kids = new Set<string>()
  const tables = new Map<string, AlgorithmKeys>()
  let unpinned = 0
  for (const key of keys.value) {
    const identified = await identify(key)
    if (identified === undefined) continue
    const { jwk, thumbprint } = identified
    if (pinnedKeys?.has(thumbprint) === false) {
      unpinned++
      continue
    }
    for (const algorithm of algorithms) {
      const verifier = keyFits(key, algorithm) ? await importVerifier(jwk, algorithm) : undefined
      if (verifier === undefined) continue
      if (key.kid !== undefined) kids.add(key.kid)
      const table = tables.get(algorithm) ?? { all: [], byKid: new Map() }
      tables.set(algorithm, table)
      addCandidate(table, key.kid, { ...verifier, thumbprint })
    }
  }
  return {
    candidates(algorithm, kid) {
      const table = tables.get(algorithm)
      return (kid === undefined ? table?.all : table?.byKid.get(kid)) ?? NONE
    },
    has: (kid) => kids.has(kid),
    unpinned,
  }
}

interface AlgorithmKeys {
  readonly all: VerificationKey[]
  readonly byKid: Map<string, VerificationKey[]>
}

const NONE: readonly VerificationKey[] = Object.freeze([])

async function identify(
  key: VerificationJwk,
): Promise<{ readonly jwk: PublicJwk; readonly thumbprint: string } | undefined> {
  const jwk = toPublicJwk(key)
  const input = jwk && thumbprintInput(jwk)
  if (jwk === undefined || input === undefined) return undefined
  return { jwk, thumbprint: await sha256Base64url(input) }
}

function addCandidate(
  { all, byKid }: AlgorithmKeys,
  kid: string | undefined,
  verifier: VerificationKey,
): void {
  if (all.length < MAX_CANDIDATES) all.push(verifier)
  if (kid === undefined) return
  const same = byKid.get(kid)
  if (same === undefined) byKid.set(kid, [verifier])
  else if (same.length < MAX_CANDIDATES) same.push(verifier)
}
