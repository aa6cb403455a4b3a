import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/**
 * Keeps the space for new objects from growing without need while it runs: gives the way to stop.
 *
 * Under load V8 doubles it again and again up to 100 MB, since what requests under way hold outlives a
 * collection or two, and gives little of it back. Beyond {@link ENOUGH} it makes tokens no cheaper.
 * `sizeNow` gives its size in bytes, `setFlag` sets a flag of V8; both by default those of this process.
 */
export function boundYoungSpace(
  sizeNow: () => number = youngSpace,
  setFlag: (flag: string) => void = setFlagsFromString,
): () => void {
  let mayGrow = true
  const timer = setInterval(() => {
    const may = sizeNow() < ENOUGH
    if (may === mayGrow) return
    mayGrow = may
    setFlag(`--semi-space-growth-factor=${may ? 2 : 1}`)
  }, LOOK_EVERY)
  timer.unref()
  return () => clearInterval(timer)
}

function youngSpace(): number {
  const spaces = getHeapSpaceStatistics()
  return spaces.find(({ space_name: name }) => name === 'new_space')?.physical_space_size ?? 0
}

/** Bytes. */
const ENOUGH = 12_000_000
/** Milliseconds: at full load it doubles about once a second. */
const LOOK_EVERY = 250
