import type { LoadFault } from '../remote/load-failure.ts'
import type { RemoteDocument } from '../remote/remote-document.ts'
import type { KeySet, VerificationKey } from './key-set.ts'
import { missBudget } from './miss-budget.ts'
import { negativeKids } from './negative-kids.ts'

/** What looking for a token's key gives. */
export type KeyLookup =
  | { readonly kind: 'found'; readonly keys: readonly VerificationKey[] }
  /** The issuer does not publish it, as far as may be found out. */
  | { readonly kind: 'unknown' }
  /** The issuer cannot be asked, so nobody can say. */
  | {
      readonly kind: 'unavailable'
      /** Milliseconds until it is worth another try. */
      readonly retryAfter: number
      /** Why the last try failed. */
      readonly fault: LoadFault | undefined
    }

/** Finds the keys of one issuer. */
export interface KeySource {
  /**
   * Answers at once while the held set is fresh and has the key. `at` is the time, for who has just looked.
   */
  find(algorithm: string, kid: string | undefined, at?: number): KeyLookup | Promise<KeyLookup>
  /**
   * Stands for all keys that `find` would answer with at once; `undefined` where it must wait or has none. As
   * long as this gives the same object, what `find` gives is the same too, and need not be looked up.
   */
  held(at?: number): object | undefined
  /**
   * Looks again after a key that fits has refused a signature: an issuer may have put another key
   * under the same `kid`. Gives `unknown` when that is not so or may not be asked.
   */
  findReplaced(algorithm: string, kid: string | undefined): Promise<KeyLookup>
}

/** Tokens with unknown keys that may wait for a load at one time. */
export const MAX_WAITING = 20_000

const UNKNOWN: KeyLookup = Object.freeze({ kind: 'unknown' })

/**
 * A key source over a document of keys, which stands a flood of unknown keys.
 *
 * An unknown `kid` may cause one load, within a small budget; then it is remembered as unknown. When
 * the budget is spent the token is refused but nothing is remembered, so that a true new key is
 * found by the next scheduled renewal at the latest. While a load hangs, no more than
 * {@link MAX_WAITING} tokens wait for it.
 */
export function keySource(document: RemoteDocument<KeySet>, now: () => number): KeySource {
  const misses = missBudget(now)
  const negative = negativeKids(now)
  let known: KeySet | undefined
  let waiting = 0

  function unavailable(): KeyLookup {
    return { kind: 'unavailable', retryAfter: document.retryAfter(), fault: document.fault() }
  }

  function held(algorithm: string, kid: string | undefined): KeyLookup | undefined {
    const keys = document.peek()?.candidates(algorithm, kid)
    return keys === undefined || keys.length === 0 ? undefined : { kind: 'found', keys }
  }

  /** What is known of missing keys holds for one set only. */
  function forgetReplacedSet(): void {
    const set = document.peek()
    if (set === known) return
    known = set
    negative.clear()
  }

  /** Gives what `look` finds after at most one load; `memory` is what stands for this miss. */
  async function miss(memory: string, look: () => KeyLookup | undefined): Promise<KeyLookup> {
    forgetReplacedSet()
    if (negative.has(memory)) return UNKNOWN
    if (waiting >= MAX_WAITING) return unavailable()
    waiting++
    try {
      return await searched(memory, look)
    } finally {
      waiting--
    }
  }

  async function searched(memory: string, look: () => KeyLookup | undefined): Promise<KeyLookup> {
    // A load underway may bring the key, but it began before the token came: it proves no absence.
    await document.loaded()
    const brought = look()
    if (brought !== undefined) return brought
    // Many may come at once in a pause after a failure: none of them may be told that a key is unknown
    // because the others hold the budget.
    if (document.retryAfter() > 0) return unavailable()
    const joining = document.isLoading()
    if (!joining && !misses.take()) return UNKNOWN
    if (!(await document.reload())) {
      if (!joining) misses.giveBack()
      return unavailable()
    }
    forgetReplacedSet()
    const found = look()
    if (found !== undefined) return found
    negative.add(memory)
    return UNKNOWN
  }

  function lookUp(algorithm: string, kid: string | undefined, justLoaded: boolean) {
    const found = held(algorithm, kid)
    if (found !== undefined) return found
    // The key is there, for another algorithm: loading again would not change that.
    if (kid !== undefined && document.peek()?.has(kid) === true) return UNKNOWN
    if (justLoaded) return UNKNOWN
    return miss(memoryOf(algorithm, kid), () => held(algorithm, kid))
  }

  return {
    find(algorithm, kid, at) {
      const set = document.get(at)
      if (set === undefined) return unavailable()
      if (!(set instanceof Promise)) return lookUp(algorithm, kid, false)
      const loads = document.loads()
      return set.then((loaded) =>
        loaded === undefined ? unavailable() : lookUp(algorithm, kid, document.loads() !== loads),
      )
    },
    held(at) {
      const set = document.get(at)
      return set instanceof Promise ? undefined : set
    },
    async findReplaced(algorithm, kid) {
      const refused = document.peek()
      const memory = `replaced ${memoryOf(algorithm, kid)}`
      const lookup = await miss(memory, () =>
        document.peek() === refused ? undefined : held(algorithm, kid),
      )
      // Found or not, it has been asked: bad signatures must not make one load each.
      if (lookup.kind === 'found') negative.add(memory)
      return lookup
    },
  }
}

/** What a miss is remembered by: the `kid`, or the algorithm of a token that names none. */
function memoryOf(algorithm: string, kid: string | undefined): string {
  return kid === undefined ? `algorithm ${algorithm}` : `kid ${kid}`
}
