import type { ServerEvent, StoreFailed } from '../events.ts'
import type { CredentialUse, UsageStore } from '../stores/usage-store.ts'
import { STORE_DEADLINE, within } from '../stores/within.ts'
import { repeating } from './repeating.ts'

/** How long uses are summed up before they are stored, in milliseconds. */
const INTERVAL = 5000

/** Counts how credentials are used, and stores the sums behind the answers. */
export interface UsageTally {
  /** Takes an event. Never waits and never throws. */
  record(event: ServerEvent): void
  /** Stores the sums. Gives false where the store failed: they are kept. */
  flush(): Promise<boolean>
  /** Stores the sums and plans no more. */
  close(): Promise<void>
  /** Credentials whose sums are waiting. */
  readonly waiting: number
}

/**
 * A tally over a usage store. A crash loses what was counted in the last five seconds.
 *
 * A use is a token issued, but also a question, a revocation or a request that was refused after the
 * credential had proved itself. It is keyed by registered credentials, so it is bounded by them. A store
 * that takes longer than `deadline` milliseconds has failed; what it added all the same counts twice.
 */
export function usageTally({
  store,
  onFailure,
  deadline = STORE_DEADLINE,
}: {
  readonly store: UsageStore
  readonly onFailure: (failure: Pick<StoreFailed, 'error' | 'kept' | 'dropped'>) => void
  readonly deadline?: number
}): UsageTally {
  let uses = new Map<string, Mutable<CredentialUse>>()
  let writing: Promise<boolean> | undefined
  const timer = repeating(INTERVAL, async () => {
    await flush()
  })

  function add({ credentialId, clientId, tokens, lastUsedAt }: CredentialUse): void {
    const known = uses.get(credentialId)
    if (known === undefined) {
      uses.set(credentialId, { credentialId, clientId, tokens, lastUsedAt })
      return
    }
    known.tokens += tokens
    if (lastUsedAt > known.lastUsedAt) known.lastUsedAt = lastUsedAt
  }

  async function flush(): Promise<boolean> {
    writing ??= write().finally(() => (writing = undefined))
    return writing
  }

  async function write(): Promise<boolean> {
    if (uses.size === 0) return true
    const batch = uses
    uses = new Map()
    try {
      await within(store.add([...batch.values()]), deadline, 'the usage store')
      return true
    } catch (error) {
      for (const use of batch.values()) add(use)
      onFailure({ error, kept: uses.size, dropped: 0 })
      timer.soon()
      return false
    }
  }

  return {
    record(event) {
      if (!('credentialId' in event) || event.credentialId === undefined) return
      const { credentialId, clientId, at, type } = event
      if (clientId === undefined) return
      add({ credentialId, clientId, tokens: type === 'token.issued' ? 1 : 0, lastUsedAt: at })
      timer.soon()
    },
    flush,
    async close() {
      timer.stop()
      await writing
      await flush()
      timer.stop()
    },
    get waiting() {
      return uses.size
    },
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
