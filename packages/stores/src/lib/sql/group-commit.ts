import { ServerError } from '@countersign/server'

/** Takes one thing to be written; resolves once it is. */
export type GroupedWrite<T> = (item: T) => Promise<void>

interface Waiting<T> {
  readonly item: T
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** A store that hangs must not fill the memory. */
const MAX_WAITING = 10_000

/**
 * Lets what comes while a write is under way go together in the next one, so that many share one
 * commit, which costs the same for one as for hundreds.
 *
 * A write takes all that came in one turn of the event loop, at most `most`. Where one fails, those who
 * wait behind it are rejected with it: each would else wait for as long again. So are those who come
 * when 10,000 wait.
 */
export function groupCommit<T>(
  write: (items: readonly T[]) => Promise<void>,
  { most }: { readonly most: number },
): GroupedWrite<T> {
  let waiting: Waiting<T>[] = []
  let isWriting = false

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const group = waiting.slice(0, most)
      waiting = waiting.slice(most)
      try {
        await write(group.map(({ item }) => item))
        for (const { resolve } of group) resolve()
      } catch (error) {
        const failed = [...group, ...waiting]
        waiting = []
        for (const { reject } of failed) reject(error)
      }
    }
    isWriting = false
  }

  return (item) =>
    new Promise((resolve, reject) => {
      if (waiting.length >= MAX_WAITING) {
        reject(new ServerError('ERR_STORE', 'too many writes wait'))
        return
      }
      waiting.push({ item, resolve, reject })
      if (isWriting) return
      isWriting = true
      // Others of this turn come with it.
      setImmediate(() => void writeAll())
    })
}
