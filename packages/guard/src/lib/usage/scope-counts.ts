/** How a client used a scope, since it was last reported. */
export interface ScopeCount {
  readonly clientId: string
  readonly scope: string
  readonly calls: number
  /** Epoch milliseconds. */
  readonly lastUsedAt: number
}

/** Counts by client and scope, of which there is an end. */
export interface ScopeCounts {
  add(clientId: string, scope: string, calls: number, at: number): void
  /** Takes everything out. */
  take(): ScopeCount[]
  readonly size: number
  /** Requests whose counts were dropped since this was last asked, because there was no room. */
  takeDropped(): number
}

/** Longest identifier and scope that are counted, in characters: a server knows none that are longer. */
const MAX_LENGTH = 256

/** At most `limit` counts: the one that was begun longest ago goes first. */
export function scopeCounts(limit: number): ScopeCounts {
  const clients = new Map<string, Map<string, { calls: number; lastUsedAt: number }>>()
  let size = 0
  let dropped = 0

  function dropOldest(): void {
    for (const [clientId, scopes] of clients) {
      for (const [scope, { calls }] of scopes) {
        scopes.delete(scope)
        if (scopes.size === 0) clients.delete(clientId)
        size--
        dropped += calls
        return
      }
    }
  }

  return {
    add(clientId, scope, calls, at) {
      const known = clients.get(clientId)?.get(scope)
      if (known !== undefined) {
        known.calls += calls
        known.lastUsedAt = Math.max(known.lastUsedAt, at)
        return
      }
      if (clientId.length > MAX_LENGTH || scope.length > MAX_LENGTH) {
        dropped += calls
        return
      }
      if (size >= limit) dropOldest()
      const scopes =
        clients.get(clientId) ?? new Map<string, { calls: number; lastUsedAt: number }>()
      scopes.set(scope, { calls, lastUsedAt: at })
      clients.set(clientId, scopes)
      size++
    },
    take() {
      const taken = Array.from(clients, ([clientId, scopes]) =>
        Array.from(scopes, ([scope, count]): ScopeCount => ({ clientId, scope, ...count })),
      ).flat()
      clients.clear()
      size = 0
      return taken
    },
    get size() {
      return size
    },
    takeDropped() {
      const since = dropped
      dropped = 0
      return since
    },
  }
}
