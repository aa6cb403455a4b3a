/** Answers by the digest of the token they are about, each kept up to an instant. */
export interface AnswerMemory<Answer> {
  /** The answer, where it is not older than `within` milliseconds; by default of any age. */
  get(digest: string, within?: number): Answer | undefined
  /** `from` and `until` in epoch milliseconds. */
  set(digest: string, answer: Answer, from: number, until: number): void
  forget(digest: string): void
}

/**
 * A memory of at most `limit` answers: the one used longest ago goes first. An answer from later than
 * now, as after the clock was set back, is none.
 */
export function answerMemory<Answer>(limit: number, now: () => number): AnswerMemory<Answer> {
  const kept = new Map<string, { answer: Answer; from: number; until: number }>()
  return {
    get(digest, within = Infinity) {
      const entry = kept.get(digest)
      if (entry === undefined) return undefined
      const at = now()
      if (at >= entry.from + within && at < entry.until) return undefined
      kept.delete(digest)
      if (at < entry.from || at >= entry.until) return undefined
      kept.set(digest, entry)
      return entry.answer
    },
    set(digest, answer, from, until) {
      if (until <= from) return
      kept.delete(digest)
      kept.set(digest, { answer, from, until })
      if (kept.size <= limit) return
      for (const oldest of kept.keys()) {
        kept.delete(oldest)
        return
      }
    },
    forget: (digest) => void kept.delete(digest),
  }
}
