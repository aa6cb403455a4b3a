import { isRequestBound } from '../remote/request-bound.ts'

/**
 * Asked by each request before its work begins: a promise of the moment when all that have arrived in
 * this turn of the event loop go on together, or `undefined` where it is to go on at once.
 */
export type Gathering = () => Promise<void> | undefined

/** When requests wait for each other. */
export interface GatheringOptions {
  /** How many must come in one turn for them to gain by it: few for much work, more for little. */
  readonly crowd: number
  /**
   * Runs a function at the end of the turn; `false` lets nobody wait. Default `setImmediate`, and `false`
   * where there is none or where the runtime ties work to the request that it is done for.
   */
  readonly defer?: Defer | false
}

type Defer = (run: () => void) => unknown

/**
 * Lets requests that arrive together be worked on together, one step of all of them after the other.
 *
 * What one of them has brought into the processor's caches is there for the rest, and the other side is
 * woken once for many answers: under load a token takes about half the time. A few would gain nothing,
 * so then each goes on at once, and only one in {@link PROBE} waits for the end of the turn to see how
 * many have come by then. Each goes on in its own async context.
 */
export function gathering({ crowd, defer = deferHere() }: GatheringOptions): Gathering {
  let waiting: (() => void)[] = []
  let alone = 0
  let isCrowded = false

  function goOn(): void {
    isCrowded = waiting.length >= crowd
    alone = 0
    const due = waiting.length > MOST ? waiting.splice(0, MOST) : waiting
    if (due === waiting) waiting = []
    // The rest after what else the event loop has to do.
    else if (defer !== false) defer(goOn)
    for (const resolve of due) resolve()
  }

  return () => {
    if (defer === false) return undefined
    if (!isCrowded && waiting.length === 0 && ++alone < PROBE) return undefined
    return new Promise((resolve) => {
      if (waiting.push(resolve) === 1) defer(goOn)
    })
  }
}

/** How many go on at once before one looks whether others come with it. */
const PROBE = 32
/** How many go on together: a few milliseconds of work. */
const MOST = 64

/** As it was when this was loaded: a test that stops the clocks must not stop a request with them. */
const { setImmediate: IMMEDIATE = false } = globalThis as { readonly setImmediate?: Defer }

function deferHere(): Defer | false {
  return !isRequestBound() && IMMEDIATE
}
