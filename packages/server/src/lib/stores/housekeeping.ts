import type { EventListener } from '../events.ts'
import type { ServerStore } from './server-store.ts'
import { within } from './within.ts'

/** Forgets, now and then, what no longer counts. */
export interface Housekeeping {
  /** Begins, about `interval` milliseconds after each round. Repeats are harmless. */
  start(): void
  /** Does one round now. Never rejects: what fails is an event, and tried again the next time. */
  round(): Promise<void>
  /** Ends it. A round under way may still finish. */
  stop(): void
}

const FIVE_MINUTES = 300_000
/** How far the clocks of two servers may be apart: neither may forget what counts for the other. */
const CLOCK_MARGIN = 300_000
const CALL_DEADLINE = 60_000

/**
 * Keeps the stores small: revocation marks, replays and opaque tokens go five minutes after their end,
 * audit entries once they are older than `auditRetention` milliseconds.
 *
 * Every server does it, each at moments of its own; doing it twice does no harm. The timer holds no
 * process open.
 */
export function housekeeping({
  store,
  forgetMarks,
  auditRetention,
  now,
  emit,
  interval = FIVE_MINUTES,
  callDeadline = CALL_DEADLINE,
}: {
  readonly store: ServerStore
  /** Forgets the marks that are held in memory. */
  readonly forgetMarks: (at: number) => void
  readonly auditRetention: number
  readonly now: () => number
  readonly emit: EventListener
  readonly interval?: number
  readonly callDeadline?: number
}): Housekeeping {
  let timer: NodeJS.Timeout | undefined
  let isStarted = false

  async function round(): Promise<void> {
    const ended = now() - CLOCK_MARGIN
    forgetMarks(ended)
    const { registry, replay, opaqueTokens, audit } = store
    const chores = [
      ['registry', () => registry.forgetRevocations(ended)],
      ['replay', () => replay.forgetExpired(ended)],
      ['opaqueTokens', () => opaqueTokens.forgetExpired(ended)],
      ['audit', () => audit.forgetBefore(now() - auditRetention)],
    ] as const
    for (const [part, forget] of chores) {
      try {
        await within(forget(), callDeadline, `the store of '${part}'`)
      } catch (error) {
        emit({ type: 'housekeeping.failed', at: now(), part, error })
      }
    }
  }

  function schedule(): void {
    // Servers that started together shall not come together for ever.
    const pause = interval * (0.8 + Math.random() * 0.4)
    timer = setTimeout(() => {
      void round().then(() => {
        if (isStarted) schedule()
      })
    }, pause)
    timer.unref()
  }

  return {
    start() {
      if (isStarted) return
      isStarted = true
      schedule()
    },
    round,
    stop() {
      isStarted = false
      clearTimeout(timer)
    },
  }
}
