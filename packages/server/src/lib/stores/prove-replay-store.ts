import { randomBytes } from 'node:crypto'
import type { ReplayStore } from './replay-store.ts'
import { within } from './within.ts'

/** Whether a replay store says the first from the second; if not, why. */
export type ReplayStoreProof =
  | { readonly proven: true }
  | {
      readonly proven: false
      readonly reason: string
      /** What the store rejected with, where it did. */
      readonly cause?: unknown
    }

/** Long enough to be remembered while it is asked again, short enough to be no burden. */
const LIFETIME = 60_000
const AT_ONCE = 8

/**
 * Tries a replay store out: reserves a random key many times at once and then once more.
 *
 * The first must get `true` and every other `false`. A store that reads and then writes, that keeps
 * nothing, or that answers in other words is found out. What no trial from one place can find: a store
 * that this server shares with no other. `deadline` is how long each step may take, in milliseconds.
 */
export async function proveReplayStore(
  store: ReplayStore,
  { now, deadline = 5000 }: { readonly now: () => number; readonly deadline?: number },
): Promise<ReplayStoreProof> {
  const asked = 'the replay store'
  const expiresAt = now() + LIFETIME
  const [key, other] = [randomKey(), randomKey()]
  try {
    const together = Array.from({ length: AT_ONCE }, async () => store.reserve(key, expiresAt))
    const answers: readonly unknown[] = await within(Promise.all(together), deadline, asked)
    if (answers.some((answer) => typeof answer !== 'boolean')) {
      return unproven('it answers with something else than true and false')
    }
    const first = answers.filter((answer) => answer === true).length
    if (first !== 1) {
      return unproven(
        `of ${AT_ONCE} concurrent calls with one key, ${first} were told to be the first`,
      )
    }
    if (await within(store.reserve(key, expiresAt), deadline, asked)) {
      return unproven('a key that was used was taken for new')
    }
    if (await within(store.reserve(other, expiresAt), deadline, asked)) return { proven: true }
    return unproven('a new key was taken for used')
  } catch (cause) {
    return { ...unproven('it cannot be reached'), cause }
  }
}

function unproven(reason: string): { readonly proven: false; readonly reason: string } {
  return { proven: false, reason }
}

function randomKey(): string {
  return randomBytes(32).toString('base64url')
}
