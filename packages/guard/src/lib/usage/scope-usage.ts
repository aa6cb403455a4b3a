import { isRequestBound, issuerAddress, unlessAborted } from '@countersign/verify'
import type { GuardEvent } from '../guard/guard-event.ts'
import { scopeCounts, type ScopeCount } from './scope-counts.ts'
import { readScopeUsageOptions, type ScopeUsageOptions } from './scope-usage-options.ts'
import { reportParts, sendReport, type ReportOutcome } from './send-report.ts'

/** Counts which scopes are used, and reports the counts to the server. */
export interface ScopeUsage extends AsyncDisposable {
  /** Takes an event of a guard. Never waits and never throws. */
  record(event: GuardEvent): void
  /**
   * Sends what is waiting, or joins the sending under way, which no request waits for that another one has
   * begun on Cloudflare Workers. Gives whether nothing is left waiting of what there was; `false` at once
   * while the server is left alone after a failure. Never rejects.
   */
  flush(): Promise<boolean>
  /** Sends what is waiting, once more after a failure too, and counts no more. Never rejects. */
  close(): Promise<void>
  /** Pairs of client and scope whose counts are waiting. */
  readonly waiting: number
}

const MAX_PAUSE = 300_000

/**
 * Tells the server which scopes are used at this API, by which clients: the other half of least privilege.
 *
 * `record` counts requests that a guard allowed, by client and scope of the rule. Every `interval` the
 * counts go to the server, behind the requests. A server that fails is left alone for longer and longer, up
 * to five minutes, or as long as it asks; the counts wait. What is lost: what waits when the process ends
 * without `close`, and the oldest counts where more than `maxEntries` wait, with an event. A report
 * whose answer is lost is sent again and counts twice.
 *
 * The timer holds no process open. Where timers do not outlive a request, `waitUntil` takes its place; or
 * call `flush`.
 * Throws: `ArgumentError`, before any I/O.
 *
 * @example
 * const usage = scopeUsage({ issuer, resource: audience, clientId: 'orders-api', clientSecret })
 * const guard = createGuard({ issuer, audience, onEvent: usage.record })
 */
export function scopeUsage(options: ScopeUsageOptions): ScopeUsage {
  const settings = readScopeUsageOptions(options)
  const { issuer, resource, endpoint, interval, maxEntries, timeout, waitUntil, now, emit } =
    settings
  const address =
    endpoint === undefined
      ? issuerAddress({
          ...settings,
          read: ({ all }) => all['countersign_usage_endpoint'],
          staleFor: 3_600_000,
          emit: () => {},
        })
      : undefined
  const counts = scopeCounts(maxEntries)
  let failures = 0
  let failedAt = 0
  let retryAt = 0
  let sending: Promise<boolean> | undefined
  /** When a request that is counted sends, where no timer does. */
  let dueAt: number | undefined
  let timer: unknown
  let isClosed = false

  // A clock that was set back must not stretch the pause.
  const isLeftAlone = (at: number): boolean => at < retryAt && at >= failedAt

  // Instances that started together drift apart instead of reporting together.
  const span = (): number => interval * (1 - Math.random() / 10)

  function planned(): void {
    if (timer !== undefined || isClosed) return
    timer = setTimeout(() => {
      timer = undefined
      void flush().then(() => {
        if (counts.size > 0) planned()
      })
    }, span())
    if (typeof timer === 'object' && timer !== null && 'unref' in timer) {
      ;(timer as { unref(): void }).unref()
    }
  }

  /** Lets this request send, once the time has come, and the platform wait for it. */
  function sentWhenDue(letEnd: (work: Promise<unknown>) => void, at: number): void {
    dueAt ??= at + span()
    // A clock that was set back must not put it off.
    if (at < dueAt && at >= dueAt - interval) return
    dueAt = undefined
    const sent = flush()
    try {
      letEnd(sent)
    } catch {
      // A platform that takes no work must not decide who gets in.
    }
  }

  function flush(): Promise<boolean> {
    if (sending === undefined && isLeftAlone(now())) return Promise.resolve(false)
    return joined()
  }

  function joined(): Promise<boolean> {
    // What another request has begun may never end there, and each takes what is counted for itself.
    if (isRequestBound()) return send()
    return (sending ??= send().finally(() => (sending = undefined)))
  }

  async function send(): Promise<boolean> {
    tellDropped()
    const parts = reportParts(counts.take(), resource)
    let sent = 0
    for (const part of parts) {
      const outcome = await report(part)
      if (!outcome.ok) {
        keep(parts.slice(sent).flat())
        fail(outcome)
        tellDropped()
        return false
      }
      failures = 0
      sent++
      emit({ type: 'usage_reported', entries: part.length })
    }
    return true
  }

  async function report(part: readonly ScopeCount[]): Promise<ReportOutcome> {
    const signal = AbortSignal.timeout(timeout)
    const asked = (async (): Promise<ReportOutcome> => {
      const to = endpoint ?? (await address?.get())
      if (to === undefined) {
        return { ok: false, fault: 'no_endpoint', retryAfter: address?.retryAfter() ?? 0 }
      }
      return sendReport(part, to, signal, settings)
    })()
    // A passed-in `fetch` need not heed its signal.
    return unlessAborted(asked, signal).catch(() => ({ ok: false, fault: 'timeout' }) as const)
  }

  function keep(part: readonly ScopeCount[]): void {
    const newer = counts.take()
    // The older first, so that these go first where there is no room.
    for (const { clientId, scope, calls, lastUsedAt } of [...part, ...newer]) {
      counts.add(clientId, scope, calls, lastUsedAt)
    }
  }

  function fail({ fault, retryAfter = 0 }: ReportOutcome & { readonly ok: false }): void {
    failedAt = now()
    const pause = Math.min(1000 * 2 ** Math.min(failures++, 10), MAX_PAUSE)
    retryAt = failedAt + Math.max(pause, Math.min(retryAfter, MAX_PAUSE))
    emit({ type: 'usage_failed', fault, failures, retryAt, waiting: counts.size })
  }

  function tellDropped(): void {
    const calls = counts.takeDropped()
    if (calls > 0) emit({ type: 'usage_dropped', calls })
  }

  async function close(): Promise<void> {
    isClosed = true
    clearTimeout(timer as Parameters<typeof clearTimeout>[0])
    timer = undefined
    await sending
    if (counts.size > 0) await joined()
    tellDropped()
  }

  return {
    record(event) {
      if (event.type !== 'allowed' || isClosed || event.scopes.length === 0) return
      if (event.issuer !== issuer || !event.audience.includes(resource)) return
      const at = now()
      for (const scope of event.scopes) counts.add(event.clientId, scope, 1, at)
      if (waitUntil === undefined) planned()
      else sentWhenDue(waitUntil, at)
    },
    flush,
    close,
    get waiting() {
      return counts.size
    },
    [Symbol.asyncDispose]: close,
  }
}
