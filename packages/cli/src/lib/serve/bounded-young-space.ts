import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/**
 * Does `work` without letting the space for new objects grow more than it gains by, and lets it grow again
 * afterwards.
 *
 * Under load V8 doubles it again and again up to 100 MB, since what requests under way hold outlives a
 * collection or two, and gives little of it back. Beyond {@link ENOUGH} it makes tokens no cheaper.
 * `sizeNow` gives its size in bytes, `setFlag` sets a flag of V8; both by default those of this process.
 */
export async function inBoundedYoungSpace<T>(
  work: () => Promise<T>,
  sizeNow: () => number = youngSpace,
  setFlag: (flag: string) => void = setFlagsFromString,
): Promise<T> {
  let mayGrow = true
  const letGrow = (may: boolean): void => {
    if (may === mayGrow) return
    mayGrow = may
    setFlag(`--semi-space-growth-factor=${may ? 2 : 1}`)
  }
  const timer = setInterval(() => letGrow(sizeNow() < ENOUGH), LOOK_EVERY)
  timer.unref()
  try {
    return await work()
  } finally {
    clearInterval(timer)
    letGrow(true)
  }
}

function youngSpace(): number {
  const spaces = getHeapSpaceStatistics()
  return spaces.find(({ space_name: name }) => name === 'new_space')?.physical_space_size ?? 0
}

/** Bytes. */
const ENOUGH = 12_000_000
/** Milliseconds: at full load it doubles about once a second. */
const LOOK_EVERY = 250
