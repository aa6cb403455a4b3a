import { jsonAnswer, type Answer } from '../http/answer.ts'

/** Whether a server should be sent requests, and if not, why. */
export type Readiness = 'ready' | 'starting' | 'stale' | 'draining' | 'closed'

/** `GET <issuer>/health/live`: the process answers. Says nothing else, so that nothing else restarts it. */
export function livenessEndpoint(): () => Answer {
  const answer = jsonAnswer(200, { status: 'live' })
  return () => answer
}

/**
 * `GET <issuer>/health/ready`: 200 where requests should be sent here, else 503 with the reason.
 *
 * Not ready is no failure of a request, so it is reported nowhere: a load balancer asks every second.
 */
export function readinessEndpoint(readiness: () => Readiness): () => Answer {
  return () => {
    const state = readiness()
    if (state === 'ready') return jsonAnswer(200, { status: 'ready' })
    return jsonAnswer(503, { status: 'not_ready', reason: state })
  }
}
