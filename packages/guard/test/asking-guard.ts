import { createGuard, type GuardEvent, type GuardOptions } from '@countersign/guard'
import { handClock, startLoopbackServer, type ReceivedRequest } from '@countersign/testkit'
import { tokenMint } from '@countersign/testkit/contracts'
import { onTestFinished } from 'vitest'
import { AUDIENCE, bearer } from './scripted-issuer.ts'

/** Answers questions about tokens. */
export type Answering = (request: ReceivedRequest) => Response | Promise<Response>

/** An issuer that answers as the test says, and a guard that asks it. */
export async function startAsking(
  introspection: Partial<GuardOptions['introspection'] & object> = {},
  options: Partial<GuardOptions> = {},
) {
  const clock = handClock()
  const events: GuardEvent[] = []
  let answering: Answering = () => Response.json(active())
  const server = await startLoopbackServer((_, received) => {
    if (received.path === '/jwks') return Response.json(mint.jwks)
    if (received.path === '/introspect') return answering(received)
    return Response.json({
      issuer: server.origin,
      jwks_uri: `${server.origin}/jwks`,
      introspection_endpoint: `${server.origin}/introspect`,
    })
  })
  onTestFinished(() => server.close())
  const mint = tokenMint({ issuer: server.origin, audience: AUDIENCE, now: clock.now })
  const guard = createGuard({
    issuer: server.origin,
    audience: AUDIENCE,
    now: clock.now,
    introspection: { clientId: 'orders-api', clientSecret: 'MARKER-SECRET', ...introspection },
    onEvent: (event) => events.push(event),
    ...options,
  })
  const active = (changed: Record<string, unknown> = {}): Record<string, unknown> => ({
    active: true,
    token_type: 'Bearer',
    ...mint.claims({ jti: 'id-1' }),
    ...changed,
  })
  const ask = async (token = 'opaque-1'): Promise<string> => {
    const verdict = await guard(bearer(token))
    return verdict.allowed ? 'allowed' : `${verdict.status} ${verdict.reason}`
  }
  return {
    clock,
    events,
    guard,
    mint,
    active,
    ask,
    origin: server.origin,
    answer(next: Answering) {
      answering = next
    },
    questions: () => server.requests.filter(({ path }) => path === '/introspect'),
  }
}
