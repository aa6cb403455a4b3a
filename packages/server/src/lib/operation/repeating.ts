/** Something done again and again behind the answers. */
export interface Repeating {
  /** Has it done `interval` from now, once, however often this is called before. */
  soon(): void
  /** Ends what is planned. What is under way goes on. */
  stop(): void
}

/** Plans `work` at most every `interval` milliseconds. The timer holds no process open. */
export function repeating(interval: number, work: () => Promise<void>): Repeating {
  let timer: NodeJS.Timeout | undefined
  return {
    soon() {
      timer ??= setTimeout(() => {
        timer = undefined
        void work()
      }, interval).unref()
    },
    stop() {
      clearTimeout(timer)
      timer = undefined
    },
  }
}
