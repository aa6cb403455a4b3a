import type { EventListener } from '../events.ts'
import { ServerError } from '../server-error.ts'
import { proveReplayStore } from './prove-replay-store.ts'
import type { ReplayStore } from './replay-store.ts'
import { within } from './within.ts'

/** A replay store that answers only once it has been tried out. */
export interface ProvenReplayStore {
  /** Whether it has. What needs a first use is answered 503 until then. */
  readonly isProven: boolean
  /**
   * Whether this is the first call with `key`, as `ReplayStore.reserve` has it. Never a guess.
   *
   * Throws: `ServerError`, which the request is answered 503 for: `ERR_REPLAY_STORE` where the store is
   * not proven, `ERR_STORE` where it failed or did not answer in time.
   */
  reserve(key: string, expiresAt: number): Promise<boolean>
  /** Tries the store out, unless that was done; keeps on trying in the background. Never rejects. */
  prove(): Promise<void>
  /** Ends that. The store stays open. */
  close(): void
}

const FIRST_PAUSE = 1000
const LONGEST_PAUSE = 60_000

/** Puts the trial before a replay store, and a deadline on every call, in milliseconds. */
export function provenReplayStore({
  store,
  now,
  emit,
  deadline = 5000,
  firstPause = FIRST_PAUSE,
}: {
  readonly store: ReplayStore
  readonly now: () => number
  readonly emit: EventListener
  readonly deadline?: number
  readonly firstPause?: number
}): ProvenReplayStore {
  let isProven = false
  let isClosed = false
  let failures = 0
  let timer: NodeJS.Timeout | undefined
  let proving: Promise<void> | undefined

  async function tryOut(): Promise<void> {
    const proof = await proveReplayStore(store, { now, deadline })
    if (isClosed) return
    if (proof.proven) {
      isProven = true
      if (failures > 0) emit({ type: 'replay_store.proven', at: now() })
      return
    }
    const error = new ServerError(
      'ERR_REPLAY_STORE',
      `the replay store cannot be relied on: ${proof.reason}; client assertions and DPoP are not taken`,
      'cause' in proof ? { cause: proof.cause } : undefined,
    )
    emit({ type: 'replay_store.unproven', at: now(), error })
    const pause = Math.min(LONGEST_PAUSE, firstPause * 2 ** failures++)
    timer = setTimeout(() => void prove(), pause)
    timer.unref()
  }

  function prove(): Promise<void> {
    if (isProven || isClosed) return Promise.resolve()
    clearTimeout(timer)
    proving ??= tryOut().finally(() => (proving = undefined))
    return proving
  }

  return {
    get isProven() {
      return isProven
    },
    async reserve(key, expiresAt) {
      if (!isProven) {
        throw new ServerError('ERR_REPLAY_STORE', 'the replay store has not been proven')
      }
      let answer: unknown
      try {
        answer = await within(store.reserve(key, expiresAt), deadline, 'the replay store')
      } catch (cause) {
        throw new ServerError('ERR_STORE', 'the replay store failed', { cause })
      }
      if (typeof answer === 'boolean') return answer
      throw new ServerError('ERR_STORE', 'the replay store answered neither true nor false')
    },
    prove,
    close() {
      isClosed = true
      clearTimeout(timer)
    },
  }
}
