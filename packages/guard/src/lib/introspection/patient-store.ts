/** Why a store did nothing. */
export type StoreFault =
  /** It rejected, or threw. */
  'store' | 'timeout'

/** Works with a store that may be slow, hang or be gone. */
export interface PatientStore {
  /** Whether it failed a moment ago: nobody should wait for it again so soon. */
  isResting(): boolean
  /** What `work` gives; `undefined` where it failed or was late. Never rejects. */
  within<T>(work: () => Promise<T>, onFault: StoreReport): Promise<T | undefined>
}

/** Told of a failure, and until when the store is left alone (epoch milliseconds). */
export type StoreReport = (fault: StoreFault, retryAt: number) => void

/** Milliseconds that a store is left alone after a failure. */
const REST = 5000

/**
 * Gives all work with a store a deadline, and leaves a store alone after a failure. When the rest is over
 * one piece of work tries it; others go on without the store until that has ended.
 *
 * What fails together is one failure and told once.
 */
export function patientStore({
  timeout,
  now,
}: {
  readonly timeout: number
  readonly now: () => number
}): PatientStore {
  let failedAt: number | undefined
  let failures = 0

  return {
    isResting() {
      if (failedAt === undefined) return false
      const at = now()
      // A clock that was set back must not stretch the rest.
      return at >= failedAt && at < failedAt + REST
    },
    async within(work, onFault) {
      const before = failures
      // No flag for the trial: a platform may end its request, and nobody would take the flag down.
      if (failedAt !== undefined) failedAt = now()
      let timer: ReturnType<typeof setTimeout> | undefined
      let fault: StoreFault = 'store'
      try {
        const late = new Promise<never>((_, reject) => {
          timer = setTimeout(() => {
            fault = 'timeout'
            reject(new Error('late'))
          }, timeout)
        })
        const value = await Promise.race([settle(work), late])
        failedAt = undefined
        return value
      } catch {
        if (before === failures) {
          failures++
          failedAt = now()
          onFault(fault, failedAt + REST)
        }
        return undefined
      } finally {
        clearTimeout(timer)
      }
    },
  }
}

/** A store that throws instead of rejecting is treated the same. */
async function settle<T>(work: () => Promise<T>): Promise<T> {
  return work()
}
