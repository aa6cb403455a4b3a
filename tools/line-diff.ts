/**
 * The lines that two texts do not share, in order: `- ` only before, `+ ` only after.
 *
 * Each run of differences is headed by the last unindented line before it, which in an API snapshot
 * is the declaration it belongs to. Empty where the texts are the same.
 */
export function lineDiff(before: string, after: string): string[] {
  const old = before.split('\n')
  const current = after.split('\n')
  const common = commonLengths(old, current)
  const lines: string[] = []
  let heading = ''
  let headed = ''
  const put = (mark: string, line: string): void => {
    if (heading !== headed && line.startsWith(' ')) lines.push(`@ ${heading}`)
    headed = heading
    lines.push(`${mark} ${line}`)
  }
  for (let i = 0, j = 0; i < old.length || j < current.length;) {
    const [from, to] = [old[i], current[j]]
    if (from !== undefined && from === to) {
      if (/^\w/.test(from)) heading = from
      i++
      j++
    } else if (
      to === undefined ||
      (from !== undefined && at(common, i + 1, j) >= at(common, i, j + 1))
    ) {
      put('-', from ?? '')
      i++
    } else {
      put('+', to)
      j++
    }
  }
  return lines
}

/** How many lines the rests of both lists share from each pair of places on. */
function commonLengths(old: readonly string[], current: readonly string[]): number[][] {
  const table = Array.from({ length: old.length + 1 }, () =>
    Array<number>(current.length + 1).fill(0),
  )
  for (let i = old.length - 1; i >= 0; i--) {
    const row = table[i] ?? []
    for (let j = current.length - 1; j >= 0; j--) {
      row[j] =
        old[i] === current[j]
          ? at(table, i + 1, j + 1) + 1
          : Math.max(at(table, i + 1, j), at(table, i, j + 1))
    }
  }
  return table
}

function at(table: readonly (readonly number[])[], i: number, j: number): number {
  return table[i]?.[j] ?? 0
}
