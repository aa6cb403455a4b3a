import { randomUUID } from 'node:crypto'
import { createGuard, type Guard, type GuardEvent, type GuardOptions } from '@countersign/guard'
import { formatBase64url, type JsonObject } from '@countersign/protocol'
import {
  handClock,
  startLoopbackServer,
  type HandClock,
  type LoopbackHandler,
  type ReceivedRequest,
} from '@countersign/testkit'
import { tokenMint, type MintAlgorithm, type TokenMint } from '@countersign/testkit/contracts'

/** An issuer whose key endpoint does as the test says, and a guard that relies on it. */
export interface ScriptedIssuer extends AsyncDisposable {
  readonly clock: HandClock
  readonly guard: Guard
  readonly events: GuardEvent[]
  readonly origin: string
  /** The mint whose key is published at the start. */
  readonly mint: TokenMint
  /** Another mint of this issuer; its key is not published by itself. */
  newMint(kid: string, algorithm?: MintAlgorithm): TokenMint
  /** Publishes the keys of these mints, or any set. */
  publish(...keys: readonly { readonly jwk: JsonObject }[]): void
  /** Answers key requests from here on; `undefined` goes back to publishing. */
  respond(handler: LoopbackHandler | undefined): void
  /** Headers of the published set, such as `cache-control`. */
  headers: Record<string, string>
  /** Requests for the keys so far. */
  keyRequests(): readonly ReceivedRequest[]
  /** Waits until the guard has told of so many events of the type. */
  told(type: GuardEvent['type'], count?: number): Promise<void>
  /** Status and reason for a token. */
  ask(token: string): Promise<string>
}

export const AUDIENCE = 'https://api.example/orders'

export async function startScriptedIssuer(
  options: Partial<GuardOptions> & { readonly discover?: boolean } = {},
): Promise<ScriptedIssuer> {
  const { discover = false, onEvent, ...guardOptions } = options
  const clock = handClock()
  const events: GuardEvent[] = []
  const waiting = new Set<() => void>()
  let keys: readonly JsonObject[] = []
  let respond: LoopbackHandler | undefined
  const server = await startLoopbackServer((request, received) => {
    if (received.path !== '/jwks') {
      return Response.json({ issuer: server.origin, jwks_uri: `${server.origin}/jwks` })
    }
    if (respond !== undefined) return respond(request, received)
    return Response.json({ keys }, { headers: scripted.headers })
  })
  const newMint = (kid: string, algorithm: MintAlgorithm = 'ES256'): TokenMint =>
    tokenMint({ issuer: server.origin, audience: AUDIENCE, now: clock.now, kid, algorithm })
  const mint = newMint('first')
  keys = [mint.jwk]
  const guard = createGuard({
    issuer: server.origin,
    audience: AUDIENCE,
    now: clock.now,
    onEvent(event) {
      events.push(event)
      for (const look of waiting) look()
      return onEvent?.(event)
    },
    // Loads have the time that a busy machine takes for them: no test waits for this deadline.
    timeout: 60_000,
    ...(discover ? {} : { jwksUri: `${server.origin}/jwks` }),
    ...guardOptions,
  })
  const scripted: ScriptedIssuer = {
    clock,
    guard,
    events,
    origin: server.origin,
    mint,
    newMint,
    headers: {},
    publish(...mints) {
      keys = mints.map(({ jwk }) => jwk)
    },
    respond(handler) {
      respond = handler
    },
    told(type, count = 1) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const look = (): void => {
        if (events.filter((event) => event.type === type).length >= count) resolve()
      }
      waiting.add(look)
      look()
      return promise.finally(() => waiting.delete(look))
    },
    keyRequests: () => server.requests.filter(({ path }) => path === '/jwks'),
    async ask(token) {
      const verdict = await guard(bearer(token))
      return verdict.allowed ? 'allowed' : `${verdict.status} ${verdict.reason}`
    },
    [Symbol.asyncDispose]: () => server.close(),
  }
  return scripted
}

/** A request that carries the token as it should. */
export function bearer(token: string): Request {
  return new Request('https://api.example/orders/1', {
    headers: { authorization: `Bearer ${token}` },
  })
}

/** A promise and what settles it. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { opened: promise, open: resolve }
}

/** Tokens that name random keys, as many as asked for. Nobody gets as far as their signature. */
export function strangers(mint: TokenMint): () => string {
  const rest = mint.token().slice(mint.token().indexOf('.'))
  return () => {
    const header = JSON.stringify({ typ: 'at+jwt', alg: mint.algorithm, kid: randomUUID() })
    return `${formatBase64url(Buffer.from(header))}${rest}`
  }
}
