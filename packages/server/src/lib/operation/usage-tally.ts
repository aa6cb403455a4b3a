import type { ServerEvent } from '../events.ts'
import type { CredentialUse, ScopeUse, UsageStore } from '../stores/usage-store.ts'
import { batchedSums, type BatchedSumsOptions } from './batched-sums.ts'

/** Counts how credentials and scopes are used, and stores the sums behind the answers. */
export interface UsageTally {
  /** Takes an event. Never waits and never throws. */
  record(event: ServerEvent): void
  /** Stores the sums. Gives false where the store failed: they are kept. */
  flush(): Promise<boolean>
  /** Stores the sums and plans no more. */
  close(): Promise<void>
  /** Credentials and scopes whose sums are waiting. */
  readonly waiting: number
}

/**
 * A tally over a usage store. A crash loses what was counted in the last five seconds and while the
 * write under way took.
 *
 * A use of a credential is a token issued, but also a question, a revocation, a report or a request that
 * was refused after the credential had proved itself. Uses of scopes are what APIs report. Both are keyed
 * by what is registered, so they are bounded by it. A store that takes longer than `deadline` milliseconds
 * has failed; what it added all the same counts twice.
 */
export function usageTally({
  store,
  ...rest
}: { readonly store: UsageStore } & Pick<
  BatchedSumsOptions<ScopeUse>,
  'onFailure' | 'deadline'
>): UsageTally {
  const credentials = batchedSums<CredentialUse>({
    ...rest,
    store: (uses) => store.add(uses),
    keyOf: ({ credentialId }) => credentialId,
    merge(known, { tokens, lastUsedAt }) {
      known.tokens += tokens
      known.lastUsedAt = Math.max(known.lastUsedAt, lastUsedAt)
    },
  })
  const scopes = batchedSums<ScopeUse>({
    ...rest,
    store: (uses) => store.addScopes(uses),
    // Neither of the first two can hold a blank.
    keyOf: ({ clientId, scope, resource }) => `${clientId} ${scope} ${resource}`,
    merge(known, { calls, firstUsedAt, lastUsedAt }) {
      known.calls += calls
      known.firstUsedAt = Math.min(known.firstUsedAt, firstUsedAt)
      known.lastUsedAt = Math.max(known.lastUsedAt, lastUsedAt)
    },
  })

  return {
    record(event) {
      if (!('credentialId' in event) || event.credentialId === undefined) return
      const { credentialId, clientId, at, type } = event
      if (clientId === undefined) return
      const tokens = type === 'token.issued' ? 1 : 0
      credentials.add({ credentialId, clientId, tokens, lastUsedAt: at })
      if (type === 'usage.reported') for (const use of event.uses) scopes.add(use)
    },
    async flush() {
      const stored = await Promise.all([credentials.flush(), scopes.flush()])
      return stored.every(Boolean)
    },
    async close() {
      await Promise.all([credentials.close(), scopes.close()])
    },
    get waiting() {
      return credentials.waiting + scopes.waiting
    },
  }
}
