import type { JsonObject } from '@countersign/protocol'
import { isRequestBound } from '../remote/request-bound.ts'
import type { SignatureAlgorithm } from '../signature/signature-algorithm.ts'
import { importKeySet, type KeySet } from './key-set.ts'
import type { KeyLookup, KeySource } from './key-source.ts'

/**
 * A key source over a JWK set that is at hand: nothing is loaded, ever.
 *
 * A set that is not one to be trusted, such as one with a private key in it, has no keys.
 */
export function givenKeys(
  jwks: JsonObject,
  algorithms: ReadonlySet<SignatureAlgorithm>,
): KeySource {
  let held: KeySet | undefined
  let importing: Promise<KeySet | undefined> | undefined

  async function importOnce(): Promise<KeySet | undefined> {
    if (isRequestBound()) return importKeySet(jwks, algorithms)
    importing ??= importKeySet(jwks, algorithms)
    return importing
  }

  function lookUp(set: KeySet | undefined, algorithm: string, kid: string | undefined): KeyLookup {
    const keys = set?.candidates(algorithm, kid) ?? []
    return keys.length === 0 ? UNKNOWN : { kind: 'found', keys }
  }

  return {
    find(algorithm, kid) {
      if (held !== undefined) return lookUp(held, algorithm, kid)
      return importOnce().then((set) => {
        held = set
        return lookUp(set, algorithm, kid)
      })
    },
    held: () => held,
    findReplaced: async () => UNKNOWN,
  }
}

const UNKNOWN: KeyLookup = Object.freeze({ kind: 'unknown' })
