import type { Answer, Answerer } from './answer.ts'

/** An answerer whose requests under way are counted. */
export interface InFlight {
  readonly answerer: Answerer
  /** Requests that are not answered yet. */
  readonly size: number
  /** Resolves when none is under way, or after `deadline` milliseconds. Gives how many were left. */
  idle(deadline: number): Promise<number>
}

/** Counts the requests of an answerer. */
export function inFlight(answerer: Answerer): InFlight {
  let size = 0
  let onIdle: (() => void) | undefined
  const leave = (): void => {
    size--
    if (size === 0) onIdle?.()
  }
  const leaveWith = (answer: Answer): Answer => {
    leave()
    return answer
  }
  const leaveThrowing = (error: unknown): never => {
    leave()
    throw error
  }
  return {
    get size() {
      return size
    },
    answerer(received) {
      const answered = answerer(received)
      if (!(answered instanceof Promise)) return answered
      size++
      return answered.then(leaveWith, leaveThrowing)
    },
    async idle(deadline) {
      if (size === 0) return 0
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadline)
        onIdle = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      return size
    },
  }
}
