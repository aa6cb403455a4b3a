import { createGuard, type GuardEvent, type GuardOptions } from '@countersign/guard'
import {
  revocationFeed,
  revocationMarks,
  type RevocationFeedOptions,
} from '@countersign/guard/revocation'
import {
  handClock,
  startAuthorizationServer,
  type HandClock,
  type RunningAuthorizationServer,
} from '@countersign/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AUDIENCE, bearer, startScriptedIssuer, type ScriptedIssuer } from './scripted-issuer.ts'

const ORDERS = 'https://api.example/orders'
const START = 1_800_000_000_000
const INTERVAL = 10_000

/** What stands between a guard and our server: loads are counted, and whoever waits is seen. */
interface FeedCase {
  readonly running: RunningAuthorizationServer
  readonly clock: HandClock
  readonly events: GuardEvent[]
  /** Statuses of the feed's answers, in order. */
  readonly loads: number[]
  readonly guard: ReturnType<typeof createGuard>
  token(): Promise<string>
  ask(token: string): Promise<string>
  /** Waits until the feed has been taken in so many times. */
  loaded(count: number): Promise<void>
  /** Waits for a change to be seen by the server, and lets so much time pass. */
  after(change: Promise<unknown>, span?: number): Promise<void>
}

async function start(
  feed: RevocationFeedOptions = {},
  options: Partial<GuardOptions> = {},
): Promise<FeedCase> {
  const clock = handClock(START)
  const running = await startAuthorizationServer({
    now: clock.now,
    followInterval: 3_600_000,
    resources: [{ resource: ORDERS, scopes: ['read'] }],
  })
  onTestFinished(() => running.close())
  const loads: number[] = []
  const events: GuardEvent[] = []
  const counted: typeof fetch = async (input, init) => {
    const response = await fetch(input, init)
    if (new Request(input).url.endsWith('/revocations')) loads.push(response.status)
    return response
  }
  const taken: (() => void)[] = []
  const guard = createGuard({
    issuer: running.issuer,
    audience: ORDERS,
    now: clock.now,
    fetch: counted,
    revocation: revocationFeed(feed),
    onEvent(event) {
      events.push(event)
      if (event.type === 'revocations_loaded') for (const look of taken) look()
    },
    ...options,
  })
  return {
    running,
    clock,
    events,
    loads,
    guard,
    async token() {
      const { access_token: token } = await post(running, 'token', {
        grant_type: 'client_credentials',
        resource: ORDERS,
      })
      return String(token)
    },
    async ask(token) {
      const verdict = await guard(bearer(token))
      return verdict.allowed ? 'allowed' : `${verdict.status} ${verdict.reason}`
    },
    loaded(count) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const look = (): void => {
        if (events.filter(({ type }) => type === 'revocations_loaded').length >= count) resolve()
      }
      taken.push(look)
      look()
      return promise
    },
    async after(change, span = INTERVAL) {
      await change
      await running.server.refresh()
      clock.advance(span)
    },
  }
}

async function post(
  { issuer, client }: RunningAuthorizationServer,
  path: string,
  form: Record<string, string>,
): Promise<Record<string, unknown>> {
  const authorization = `Basic ${btoa(`${client.clientId}:${client.clientSecret}`)}`
  const response = await fetch(`${issuer}/${path}`, {
    method: 'POST',
    headers: { authorization },
    body: new URLSearchParams(form),
  })
  const text = await response.text()
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
}

type Ending = (one: FeedCase, token: string) => Promise<unknown>

function payloadOf(token: string): Record<string, string> {
  return JSON.parse(atob(token.split('.')[1] ?? '')) as Record<string, string>
}

function kidOf(token: string): string {
  return (JSON.parse(atob(token.split('.')[0] ?? '')) as { kid: string }).kid
}

const ENDINGS: readonly (readonly [string, Ending])[] = [
  ['its client ends it', ({ running }, token) => post(running, 'revoke', { token })],
  [
    'an administrator ends it',
    ({ running }, token) => running.administration.revokeToken(payloadOf(token)['jti'] ?? ''),
  ],
  [
    'what its client has is ended',
    ({ running }) => running.administration.revokeClientTokens('billing'),
  ],
  [
    'what its credential got is ended',
    ({ running }, token) =>
      running.administration.revokeCredentialTokens(payloadOf(token)['credential_id'] ?? ''),
  ],
  [
    'what its key signed is ended',
    ({ running }, token) => running.administration.revokeKeyTokens(kidOf(token)),
  ],
  [
    'what is for its API is ended',
    ({ running }) => running.administration.revokeResourceTokens(ORDERS),
  ],
  [
    'its key is revoked',
    ({ running }, token) => running.administration.revokeSigningKey(kidOf(token)),
  ],
  ['its client is disabled', ({ running }) => running.administration.disableClient('billing')],
  ['its API is disabled', ({ running }) => running.administration.disableResource(ORDERS)],
]

describe('a guard that goes by the feed of our own server', () => {
  it.each(ENDINGS)(
    'refuses a token that it has taken before, within the interval, when %s [std:66]',
    async (_when, end) => {
      const one = await start()
      const token = await one.token()
      expect(await one.ask(token)).toBe('allowed')
      await one.after(end(one, token))
      expect(await one.ask(token)).toBe('401 revoked')
      expect(one.loads).toEqual([200, 200])
    },
  )

  it('explains a refusal', async () => {
    const one = await start()
    const token = await one.token()
    await one.after(post(one.running, 'revoke', { token }))
    const explained = await one.guard.explain(bearer(token))
    expect(explained.checks.find(({ outcome }) => outcome === 'failed')).toMatchObject({
      name: 'revocation',
      reason: 'revoked',
    })
  })

  it('takes what is issued afterwards, and what is enabled again', async () => {
    const one = await start()
    const { administration } = one.running
    const token = await one.token()
    await one.after(administration.revokeClientTokens('billing'))
    const later = await one.token()
    expect([await one.ask(token), await one.ask(later)]).toEqual(['401 revoked', 'allowed'])
    await one.after(administration.disableClient('billing'))
    expect(await one.ask(later)).toBe('401 revoked')
    await one.after(administration.enableClient('billing'))
    expect([await one.ask(token), await one.ask(later)]).toEqual(['401 revoked', 'allowed'])
  })

  it('keeps its bound when it was idle: the first request waits for the load', async () => {
    const one = await start()
    const token = await one.token()
    const other = await one.token()
    expect(await one.ask(token)).toBe('allowed')
    await one.after(post(one.running, 'revoke', { token }), 200_000)
    await one.running.server.refresh()
    expect(await one.ask(token)).toBe('401 revoked')
    expect(await one.ask(other)).toBe('allowed')
    expect(one.loads).toHaveLength(2)
  })

  it('looks ahead of need while requests come, and none of them waits', async () => {
    const one = await start()
    const token = await one.token()
    expect(await one.ask(token)).toBe('allowed')
    await one.after(post(one.running, 'revoke', { token }), 0.9 * INTERVAL)
    // Due, not yet over: the request goes on by what is known, the next ones by what it has begun to load.
    expect(await one.ask(token)).toBe('allowed')
    await one.loaded(2)
    expect(await one.ask(token)).toBe('401 revoked')
    expect(one.loads).toHaveLength(2)
  })

  it('asks once for all who come at a time, and is told by 304 that nothing changed', async () => {
    const one = await start()
    const tokens = await Promise.all(Array.from({ length: 20 }, () => one.token()))
    const askAll = async (): Promise<Set<string>> =>
      new Set(await Promise.all([...tokens, ...tokens, ...tokens].map((token) => one.ask(token))))
    expect(await askAll()).toEqual(new Set(['allowed']))
    expect(one.loads).toEqual([200])
    for (let round = 1; round <= 3; round++) {
      one.clock.advance(INTERVAL)
      expect(await askAll()).toEqual(new Set(['allowed']))
    }
    expect(one.loads).toEqual([200, 304, 304, 304])
    expect(one.events.filter(({ type }) => type === 'revocations_loaded')).toHaveLength(1)
  })

  it('goes on by a feed that cannot be renewed until it is over, then answers 503, then comes back', async () => {
    const one = await start()
    const [token, ended] = [await one.token(), await one.token()]
    await one.after(post(one.running, 'revoke', { token: ended }))
    expect([await one.ask(token), await one.ask(ended)]).toEqual(['allowed', '401 revoked'])
    const { server, port } = await stop(one)
    // Five minutes from when the server read its registry, and five seconds for the clocks.
    one.clock.advance(START + 300_000 + 5000 - 1 - one.clock.now())
    expect([await one.ask(token), await one.ask(ended)]).toEqual(['allowed', '401 revoked'])
    one.clock.advance(1)
    expect(await one.guard(bearer(token))).toMatchObject({
      status: 503,
      reason: 'revocation_unavailable',
      challenge: undefined,
      retryAfter: expect.any(Number),
    })
    expect(await one.ask(ended)).toBe('401 revoked')
    expect(one.events).toContainEqual(
      expect.objectContaining({ type: 'revocations_failed', source: 'feed', fault: 'network' }),
    )
    await using again = await server(port)
    expect(again.issuer).toBe(one.running.issuer)
    one.clock.advance(30_000)
    expect([await one.ask(token), await one.ask(ended)]).toEqual(['allowed', '401 revoked'])
  })

  it('lets tokens pass unchecked where that is its policy, and says so; what was known goes on to count', async () => {
    const one = await start({ whenUnknown: 'allow' })
    const [token, ended] = [await one.token(), await one.token()]
    await one.after(post(one.running, 'revoke', { token: ended }))
    expect(await one.ask(ended)).toBe('401 revoked')
    await stop(one)
    one.clock.advance(1_000_000)
    expect([await one.ask(token), await one.ask(ended)]).toEqual(['allowed', '401 revoked'])
    expect(one.events.filter(({ type }) => type === 'unchecked')).toEqual([
      { type: 'unchecked', source: 'feed', issuer: one.running.issuer, clientId: 'billing' },
    ])
  })

  it('goes on longer by an old feed where staleFor says so', async () => {
    const one = await start({ staleFor: 600_000 })
    const token = await one.token()
    expect(await one.ask(token)).toBe('allowed')
    await stop(one)
    one.clock.advance(300_000 + 5000 + 600_000 - 1)
    expect(await one.ask(token)).toBe('allowed')
    one.clock.advance(1)
    expect(await one.ask(token)).toBe('503 revocation_unavailable')
  })

  it('is ready once it has the feed, and says so where there is none', async () => {
    const one = await start()
    await one.guard.ready()
    expect(one.loads).toEqual([200])
    await one.ask(await one.token())
    expect(one.loads).toEqual([200])
    const url = `${one.running.issuer}/nowhere`
    const guard = createGuard({
      issuer: one.running.issuer,
      audience: ORDERS,
      now: one.clock.now,
      revocation: revocationFeed({ url }),
    })
    await expect(guard.ready()).rejects.toMatchObject({
      name: 'GuardError',
      code: 'ERR_REVOCATIONS_UNAVAILABLE',
      retryable: true,
    })
    const token = await one.token()
    expect(await guard(bearer(token))).toMatchObject({ status: 503 })
  })
})

/** Stops a server; gives what starts another one in its place, on the same store and keys. */
async function stop({ running, clock }: FeedCase): Promise<{
  readonly port: number
  server(port: number): Promise<RunningAuthorizationServer>
}> {
  await running.close()
  const { store, masterKeys } = running
  return {
    port: Number(new URL(running.origin).port),
    server: (port) => startAuthorizationServer({ store, masterKeys, port, now: clock.now }),
  }
}

describe('a guard of several issuers', () => {
  it('goes by the feed of each for its own tokens, and by its own marks for all', async () => {
    const one = await start()
    const other = await start()
    const plain = await startScriptedIssuer()
    onTestFinished(() => plain[Symbol.asyncDispose]())
    const events: GuardEvent[] = []
    const marks = revocationMarks({ now: one.clock.now })
    const guard = createGuard({
      audience: ORDERS,
      now: one.clock.now,
      revocation: marks,
      issuers: [
        { issuer: one.running.issuer, revocation: revocationFeed() },
        { issuer: other.running.issuer, revocation: [revocationFeed()] },
        { issuer: plain.origin, audience: AUDIENCE },
      ],
      onEvent: (event) => events.push(event),
    })
    const ask = async (token: string): Promise<string> => {
      const verdict = await guard(bearer(token))
      return verdict.allowed ? 'allowed' : `${verdict.status} ${verdict.reason}`
    }
    await guard.ready()
    const tokens = [await one.token(), await other.token(), await one.token()]
    const foreign = tokenOf(plain, one.clock)
    const askAll = async (): Promise<string[]> => {
      const verdicts: string[] = []
      for (const token of [...tokens, foreign]) verdicts.push(await ask(token))
      return verdicts
    }
    expect(await askAll()).toEqual(['allowed', 'allowed', 'allowed', 'allowed'])
    // Disabled at one issuer is not disabled at another that has a client of the same name.
    await one.after(one.running.administration.disableClient('billing'))
    expect(await askAll()).toEqual(['401 revoked', 'allowed', '401 revoked', 'allowed'])
    await other.running.close()
    one.clock.advance(280_000)
    await one.running.server.refresh()
    expect(await ask(tokens[1] ?? '')).toBe('allowed')
    one.clock.advance(30_000)
    await one.running.server.refresh()
    expect(await askAll()).toEqual([
      '401 revoked',
      '503 revocation_unavailable',
      '401 revoked',
      'allowed',
    ])
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'revocations_failed', issuer: other.running.issuer }),
    )
    marks.revoke('issuer', plain.origin, { issuedUntil: Infinity })
    expect(await ask(foreign)).toBe('401 revoked')
  })
})

/** A token of a scripted issuer by another clock than its own. */
function tokenOf({ mint }: ScriptedIssuer, { now }: HandClock): string {
  const iat = Math.floor(now() / 1000)
  return mint.token({ claims: { iat, exp: iat + 3600 } })
}
