/** One way of doing the work that a suite measures. */
export interface Contestant {
  readonly name: string
  /** `floor` is the bare work nobody can avoid; every ratio is to the first floor of a suite. */
  readonly role: 'floor' | 'ours' | 'peer'
  /** Does the work `times` times. */
  run(times: number): void | Promise<void>
}

/** What a contestant took, over all rounds. */
export interface Measurement {
  readonly name: string
  readonly role: Contestant['role']
  /** Median nanoseconds for one operation. */
  readonly nanoseconds: number
  /** Half the range of the rounds as a share of the median. */
  readonly spread: number
  readonly best: number
  /** Median, over the rounds, of this contestant's time over the floor's in the same round. */
  readonly ratio: number
}

/**
 * Measures contestants in turn, round by round, so that a machine that slows down slows all of them.
 *
 * The first round warms up and does not count. Trust the ratio before the nanoseconds. With `cpu` the time
 * is that of the process, on all its threads, which other work on the machine disturbs least.
 */
export async function measureRounds(
  contestants: readonly Contestant[],
  {
    rounds,
    times,
    warmUp = times,
    cpu = false,
  }: {
    readonly rounds: number
    readonly times: number
    /** Times in the round that does not count: the engine compiles what runs often. Default `times`. */
    readonly warmUp?: number
    readonly cpu?: boolean
  },
): Promise<readonly Measurement[]> {
  const taken = contestants.map((): number[] => [])
  for (let round = 0; round <= rounds; round++) {
    for (const [index, contestant] of contestants.entries()) {
      globalThis.gc?.()
      const start = cpu ? cpuNanoseconds() : process.hrtime.bigint()
      await contestant.run(round === 0 ? warmUp : times)
      const end = cpu ? cpuNanoseconds() : process.hrtime.bigint()
      const each = Number(end - start) / times
      if (round > 0) taken[index]?.push(each)
    }
  }
  return summarize(contestants, taken)
}

function cpuNanoseconds(): bigint {
  const { user, system } = process.cpuUsage()
  return BigInt(user + system) * 1000n
}

/** The figures of contestants from what each took in each round, per operation. */
export function summarize(
  contestants: readonly Pick<Contestant, 'name' | 'role'>[],
  taken: readonly (readonly number[])[],
): readonly Measurement[] {
  const floor = taken[contestants.findIndex(({ role }) => role === 'floor')] ?? []
  return contestants.map(({ name, role }, index) => {
    const own = taken[index] ?? []
    const middle = median(own)
    return {
      name,
      role,
      nanoseconds: middle,
      spread: (Math.max(...own) - Math.min(...own)) / 2 / middle,
      best: Math.min(...own),
      ratio: pairedRatio(own, floor),
    }
  })
}

/** The middle of a list of numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2
}

/** The number that a share of the others is not above. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}

/** The median, over the rounds, of one number over another of the same round. */
export function pairedRatio(own: readonly number[], floor: readonly number[]): number {
  return median(own.map((each, round) => each / (floor[round] ?? NaN)))
}
