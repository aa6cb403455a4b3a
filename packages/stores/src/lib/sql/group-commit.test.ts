import { describe, expect, it } from 'vitest'
import { groupCommit } from './group-commit.ts'

/** A write that a test lets end. */
function heldWrite() {
  const writes: { readonly items: readonly number[]; end(error?: Error): void }[] = []
  const write = (items: readonly number[]): Promise<void> =>
    new Promise((resolve, reject) => {
      writes.push({ items, end: (error) => (error === undefined ? resolve() : reject(error)) })
    })
  return { write, writes }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

describe('groupCommit', () => {
  it('writes what comes in one turn together, and what comes meanwhile in the next write', async () => {
    const { write, writes } = heldWrite()
    const put = groupCommit(write, { most: 100 })
    const first = [put(1), put(2)]
    await nextTurn()
    const later = [put(3), put(4), put(5)]
    await nextTurn()
    expect(writes.map(({ items }) => items)).toEqual([[1, 2]])
    writes[0]?.end()
    await Promise.all(first)
    await nextTurn()
    expect(writes.map(({ items }) => items)).toEqual([
      [1, 2],
      [3, 4, 5],
    ])
    writes[1]?.end()
    await Promise.all(later)
  })

  it('resolves none before its write has ended', async () => {
    const { write, writes } = heldWrite()
    const put = groupCommit(write, { most: 100 })
    let isDone = false
    const done = put(1).then(() => (isDone = true))
    await nextTurn()
    await nextTurn()
    expect([writes.length, isDone]).toEqual([1, false])
    writes[0]?.end()
    await done
  })

  it('puts no more than so many into one write', async () => {
    const sizes: number[] = []
    const put = groupCommit<number>(async (items) => void sizes.push(items.length), { most: 500 })
    await Promise.all(Array.from({ length: 1201 }, (_, item) => put(item)))
    expect(sizes).toEqual([500, 500, 201])
  })

  it('rejects those who shared a write that failed and those behind it, and goes on after', async () => {
    const { write, writes } = heldWrite()
    const put = groupCommit(write, { most: 1 })
    const calls = Promise.allSettled([put(1), put(2)])
    await nextTurn()
    const error = new Error('disk full')
    writes[0]?.end(error)
    expect(await calls).toEqual([
      { status: 'rejected', reason: error },
      { status: 'rejected', reason: error },
    ])
    const after = put(3)
    await nextTurn()
    expect(writes[1]?.items).toEqual([3])
    writes[1]?.end()
    await after
  })

  it('lets only so many wait', async () => {
    const { write, writes } = heldWrite()
    const put = groupCommit(write, { most: 1 })
    const calls = Array.from({ length: 10_000 }, (_, item) => put(item))
    await expect(put(-1)).rejects.toThrow('too many')
    await nextTurn()
    writes[0]?.end(new Error('over'))
    await Promise.allSettled(calls)
  })
})
