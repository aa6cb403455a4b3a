import {
  createGuard,
  type Guard,
  type GuardEvent,
  type GuardOptions,
  type IssuerOptions,
} from '@countersign/guard'
import type { JsonObject } from '@countersign/protocol'
import {
  handClock,
  startLoopbackServer,
  type HandClock,
  type LoopbackServer,
} from '@countersign/testkit'
import { tokenMint, type TokenMint } from '@countersign/testkit/contracts'
import { onTestFinished } from 'vitest'
import { AUDIENCE, bearer } from './scripted-issuer.ts'

/** An issuer on a socket of its own, which does as the test says. */
export interface RunningIssuer {
  readonly issuer: string
  readonly server: LoopbackServer
  readonly mint: TokenMint
  /** What its key endpoint gives; `undefined` is an outage. */
  keys: readonly JsonObject[] | undefined
  /** What it says of an opaque token. */
  answer: JsonObject
  requestsTo(path: string): number
}

/** Starts one; it ends with the test. */
export async function startIssuer(
  clock: HandClock,
  options: Partial<Parameters<typeof tokenMint>[0]> = {},
): Promise<RunningIssuer> {
  const server = await startLoopbackServer((_, { path }) => {
    if (path === '/jwks') {
      if (running.keys === undefined) return new Response(null, { status: 500 })
      return Response.json({ keys: running.keys })
    }
    if (path === '/introspect') return Response.json(running.answer)
    return Response.json({
      issuer: server.origin,
      jwks_uri: `${server.origin}/jwks`,
      introspection_endpoint: `${server.origin}/introspect`,
    })
  })
  onTestFinished(() => server.close())
  const issuer = server.origin
  const mint = tokenMint({ issuer, audience: AUDIENCE, now: clock.now, kid: 'same', ...options })
  const running: RunningIssuer = {
    issuer,
    server,
    mint,
    keys: [mint.jwk],
    answer: { active: false },
    requestsTo: (asked) => server.requests.filter(({ path }) => path === asked).length,
  }
  return running
}

/** Starts two issuers that use the same `kid`, and a guard that takes both. */
export async function startTwo(
  first: Partial<IssuerOptions> = {},
  second: Partial<IssuerOptions> = {},
  options: Partial<GuardOptions> = {},
) {
  const clock = handClock()
  const events: GuardEvent[] = []
  const a = await startIssuer(clock)
  const b = await startIssuer(clock)
  const guard = createGuard({
    issuers: [
      { issuer: a.issuer, ...first },
      { issuer: b.issuer, ...second },
    ],
    audience: AUDIENCE,
    now: clock.now,
    onEvent: (event) => events.push(event),
    ...options,
  })
  return { clock, events, a, b, guard, ask: (token: string) => askGuard(guard, token) }
}

/** Status and reason for a token. */
export async function askGuard(guard: Guard, token: string): Promise<string> {
  const verdict = await guard(bearer(token))
  return verdict.allowed ? 'allowed' : `${verdict.status} ${verdict.reason}`
}

/** Credentials of the API for questions. */
export const QUESTIONS = { clientId: 'orders-api', clientSecret: 'a secret of the api' }
