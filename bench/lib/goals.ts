/** What we want a figure to be, and what it was. */
export interface Goal {
  /** As in "CPU per token at most 1.2 of the floor's". */
  readonly what: string
  readonly value: number
  readonly met: boolean
}

/** A figure that should be at least so much. */
export function atLeast(what: string, value: number, least: number): Goal {
  return { what: `${what} at least ${least}`, value, met: value >= least }
}

/** A figure that should be at most so much. */
export function atMost(what: string, value: number, most: number): Goal {
  return { what: `${what} at most ${most}`, value, met: value <= most }
}

/** A goal in a line. The machine is never quiet: read it with the spread in mind. */
export function formatGoal({ what, value, met }: Goal): string {
  const shown = Number.isNaN(value) ? 'not measured' : value.toFixed(value < 10 ? 2 : 0)
  return `goal ${met ? 'met' : 'MISSED'}: ${what}: ${shown}`
}
