/**
 * The candidate closest to `name`, for "did you mean"; `undefined` when none is close.
 *
 * Close means an edit distance of at most a third of the longer name, letter case set aside; two
 * letters that changed places are one edit.
 */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  let nearest: string | undefined
  let least = Infinity
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance < least && distance <= Math.max(name.length, candidate.length) / 3) {
      nearest = candidate
      least = distance
    }
  }
  return nearest
}

function editDistance(from: string, to: string): number {
  // A name of hostile length is nobody's typo; the cap keeps the table small.
  if (from.length > 64 || to.length > 64) return Infinity
  let beforePrevious: number[] = []
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const current = [i]
    for (let j = 1; j <= to.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      const isSwap = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      const swap = isSwap ? (beforePrevious[j - 2] ?? Infinity) + 1 : Infinity
      current.push(Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, substitution, swap))
    }
    beforePrevious = previous
    previous = current
  }
  return previous[to.length] ?? Infinity
}
