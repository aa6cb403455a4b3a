import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, it, vi } from 'vitest'
import { gathering, type Gathering } from './gathering.ts'

describe('gathering', () => {
  it('lets the first ones go on at once, and looks around with one in 32', async () => {
    const { turn, gather } = scripted(6)
    for (let call = 1; call < 32; call++) expect(gather()).toBeUndefined()
    const probe = gather()
    expect(probe).toBeInstanceOf(Promise)
    await turn()
    await probe
    for (let call = 1; call < 32; call++) expect(gather()).toBeUndefined()
    expect(gather()).toBeInstanceOf(Promise)
  })

  it('lets all that come in the turn of the one that looks go on with it, in their order', async () => {
    const { turn, gather } = scripted(6)
    lookAround(gather)
    const order: number[] = []
    for (const one of [1, 2, 3]) void gather()?.then(() => order.push(one))
    await Promise.resolve()
    expect(order).toEqual([])
    await turn()
    expect(order).toEqual([1, 2, 3])
  })

  it('gathers every turn while crowds come, and none once a turn brought too few', async () => {
    const { turn, gather } = scripted(3)
    lookAround(gather)
    const come = (): (Promise<void> | undefined)[] => [gather(), gather(), gather()]
    expect(come().every(Boolean)).toBe(true)
    await turn()
    expect(come().every(Boolean)).toBe(true)
    await turn()
    expect([gather(), gather()].every(Boolean)).toBe(true)
    await turn()
    expect(gather()).toBeUndefined()
  })

  it('takes one step of all of them before the next step of any', async () => {
    const { turn, gather } = scripted(3)
    lookAround(gather)
    const steps: string[] = []
    for (const one of ['a', 'b', 'c']) {
      void (async () => {
        await gather()
        steps.push(`${one}1`)
        await Promise.resolve()
        steps.push(`${one}2`)
      })()
    }
    await turn()
    expect(steps).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'c2'])
  })

  it('lets 64 go on in one turn, and the rest in those after it', async () => {
    const { turn, gather } = scripted(6)
    lookAround(gather)
    let gone = 0
    for (let call = 0; call < 150; call++) void gather()?.then(() => gone++)
    const counts: number[] = []
    for (let at = 0; at < 3; at++) {
      await turn()
      counts.push(gone)
    }
    // The one that looked around is the first of them.
    expect(counts).toEqual([63, 127, 150])
  })

  it('lets each go on in its own async context', async () => {
    const { turn, gather } = scripted(3)
    lookAround(gather)
    const context = new AsyncLocalStorage<number>()
    const found: unknown[] = []
    for (const one of [1, 2, 3]) {
      context.run(one, () => void gather()?.then(() => found.push(context.getStore())))
    }
    await turn()
    expect(found).toEqual([1, 2, 3])
  })

  it('goes by the real end of the turn where a test has stopped the clocks', async () => {
    vi.useFakeTimers()
    try {
      const gather = gathering({ crowd: 2 })
      let waited: Promise<void> | undefined
      while (waited === undefined) waited = gather()
      await expect(waited).resolves.toBeUndefined()
    } finally {
      vi.useRealTimers()
    }
  })

  it('waits for nobody where work is tied to its request', () => {
    const gather = gathering({ crowd: 2, defer: false })
    for (let call = 0; call < 100; call++) expect(gather()).toBeUndefined()
  })
})

/** A gathering whose turns end when the test says so. */
function scripted(crowd: number): {
  readonly gather: Gathering
  readonly turn: () => Promise<void>
} {
  let due: (() => void)[] = []
  const gather = gathering({ crowd, defer: (run) => due.push(run) })
  return {
    gather,
    async turn() {
      const ending = due
      due = []
      for (const run of ending) run()
      // What goes on has a few steps to take.
      for (let step = 0; step < 10; step++) await Promise.resolve()
    },
  }
}

/** Calls until the one that waits. */
function lookAround(gather: Gathering): void {
  let waited: Promise<void> | undefined
  while (waited === undefined) waited = gather()
}
