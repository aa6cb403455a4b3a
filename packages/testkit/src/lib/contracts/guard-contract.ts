import { request as httpRequest } from 'node:http'
import {
  createGuard,
  DENIAL_REASONS,
  type Allowed,
  type Guard,
  type GuardOptions,
  type Rule,
} from '@countersign/guard'
import { parseChallenges } from '@countersign/protocol'
import { describe, expect, it } from 'vitest'
import { handClock, type HandClock } from '../hand-clock.ts'
import { fireCases } from '../hostile/fire-cases.ts'
import { HOSTILE_CASES, HOSTILE_PROOF_CASES } from '../hostile/hostile-cases.ts'
import type { LoopbackServer } from '../loopback-server.ts'
import { proofMint } from '../proof-mint.ts'
import { startTokenIssuer } from '../token-issuer.ts'
import type { TokenMint } from '../token-mint.ts'

/**
 * Serves an API on a real loopback socket in which every path is guarded by that rule and answered,
 * once allowed, with 200 and the text that `reply` gives for the caller.
 */
export type ServeGuarded = (
  guard: Guard,
  rule: Rule,
  reply: (caller: Allowed) => string,
) => Promise<LoopbackServer>

const AUDIENCE = 'https://api.example/orders'
const READ: Rule = { scope: { all: ['orders:read'] } }

/** What every adapter of the guard owes, over a socket. */
export function guardContract(name: string, serve: ServeGuarded): void {
  describe(`${name}, as every adapter of the guard`, () => {
    it('lets a good token through and tells the handler who is calling', async () => {
      await using api = await startApi(serve, READ)
      const response = await api.call(`Bearer ${api.mint.token()}`)
      expect(response.status).toBe(200)
      expect(await response.json()).toEqual({
        principal: { kind: 'client', clientId: 'billing' },
        scopes: ['orders:read'],
        issuer: api.mint.issuer,
      })
    })

    it.each(['bearer', 'BEARER', 'Bearer '])(
      'reads the scheme %j as Bearer [std:32] [std:51] [field:36]',
      async (scheme) => {
        await using api = await startApi(serve, READ)
        expect((await api.call(`${scheme} ${api.mint.token()}`)).status).toBe(200)
      },
    )

    it('answers no credentials with 401, realm and scope but no error [std:34] [std:37] [std:55]', async () => {
      await using api = await startApi(serve, { scope: { all: ['orders:read', 'orders:write'] } })
      const response = await api.call(undefined)
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toBe(
        `Bearer realm="${AUDIENCE}", scope="orders:read orders:write"`,
      )
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(response.headers.get('content-type')).toContain('application/json')
      expect(await response.json()).toEqual({
        error_description: DENIAL_REASONS.no_credentials.description,
      })
      expect(api.handled()).toBe(0)
    })

    it('answers two Authorization lines with 400 [std:57] [field:35]', async () => {
      await using api = await startApi(serve, READ)
      const good = `Bearer ${api.mint.token()}`
      for (const second of [good, 'Basic YTpi']) {
        const { status, challenge } = await callTwice(api.origin, good, second)
        expect(status).toBe(400)
        expect(challenge).toContain('error="invalid_request"')
      }
      expect(api.handled()).toBe(0)
    })

    it('answers a token that lacks a scope with 403 and every scope needed [std:38] [std:58] [field:45]', async () => {
      await using api = await startApi(serve, { scope: { all: ['orders:read', 'orders:write'] } })
      const response = await api.call(`Bearer ${api.mint.token()}`)
      expect(response.status).toBe(403)
      const parameters = challengeOf(response)
      expect(parameters?.get('error')).toBe('insufficient_scope')
      expect(parameters?.get('scope')).toBe('orders:read orders:write')
    })

    it('answers an outage with 503, Retry-After and no challenge, then recovers', async () => {
      await using api = await startApi(serve, READ)
      api.breakIssuer(true)
      const refused = await api.call(`Bearer ${api.mint.token()}`)
      expect(refused.status).toBe(503)
      expect(refused.headers.has('www-authenticate')).toBe(false)
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
      expect(refused.headers.get('cache-control')).toBe('no-store')
      api.breakIssuer(false)
      api.clock.advance(2000)
      expect((await api.call(`Bearer ${api.mint.token()}`)).status).toBe(200)
    })

    it('sends nonces for DPoP with refusals and with answers [std:218] [std:224]', async () => {
      const nonces = { secrets: ['a nonce secret of 32 bytes or more'] }
      await using api = await startApi(serve, READ, { dpop: { nonces } })
      const key = proofMint()
      const token = api.mint.token({ claims: { cnf: { jkt: key.thumbprint } } })
      const call = (claims = {}): Promise<Response> => {
        const dpop = key.proof('https://api.example/', token, api.clock.now(), { claims })
        return api.call(`DPoP ${token}`, { headers: { dpop } })
      }
      const refused = await call()
      expect(refused.status).toBe(401)
      expect(refused.headers.get('www-authenticate')).toMatch(/^DPoP .*error="use_dpop_nonce"/)
      expect(refused.headers.get('cache-control')).toBe('no-store')
      const nonce = refused.headers.get('dpop-nonce')
      const answered = await call({ nonce })
      expect([answered.status, answered.headers.get('dpop-nonce')]).toEqual([200, null])
      api.clock.advance(60_000)
      const renewed = await call({ nonce })
      expect(renewed.status).toBe(200)
      expect(renewed.headers.get('dpop-nonce')).toMatch(/^[\w-]{43}$/)
      expect(renewed.headers.get('dpop-nonce')).not.toBe(nonce)
      expect(renewed.headers.get('cache-control')).toBe('no-store')
    })

    it('takes no token from query or body, with or without a header [std:50] [field:37, 38]', async () => {
      await using api = await startApi(serve, READ)
      const token = api.mint.token()
      const body = new URLSearchParams({ access_token: token })
      const path = `/?access_token=${token}`
      expect((await api.call(undefined, { path })).status).toBe(401)
      expect((await api.call(undefined, { method: 'POST', body })).status).toBe(401)
      const expired = api.mint.token({ claims: { exp: 1 } })
      expect((await api.call(`Bearer ${expired}`, { path })).status).toBe(401)
      expect((await api.call(`Bearer ${token}`, { path: '/?access_token=junk' })).status).toBe(200)
    })

    it('guards every method, OPTIONS too [field:39]', async () => {
      await using api = await startApi(serve, READ)
      for (const method of ['OPTIONS', 'HEAD', 'DELETE']) {
        expect((await api.call(undefined, { method })).status).toBe(401)
      }
      expect(api.handled()).toBe(0)
    })

    it('meets a user only where the rule takes users [std:102] [field:33]', async () => {
      await using api = await startApi(serve, { ...READ, principal: 'user' })
      const user = await api.call(`Bearer ${api.mint.token({ claims: { sub: 'user-1' } })}`)
      expect(user.status).toBe(200)
      expect(await user.json()).toMatchObject({
        principal: { kind: 'user', subject: 'user-1', clientId: 'billing' },
      })
      expect((await api.call(`Bearer ${api.mint.token()}`)).status).toBe(403)
    })

    it('refuses a wrong rule where the route is declared', async () => {
      const guard = createGuard({ issuer: 'https://as.example', audience: AUDIENCE })
      const declare = async (): Promise<LoopbackServer> =>
        serve(guard, { scopes: ['orders:read'] } as Rule, () => '')
      await expect(declare()).rejects.toMatchObject({
        name: 'ArgumentError',
        option: 'scopes',
        message: expect.stringContaining("did you mean 'scope'?"),
      })
    })

    it('answers every hostile request as owed [std:38] [field:23, 35, 36, 41, 43]', async () => {
      await using api = await startApi(serve, READ)
      const { results } = await fireCases(HOSTILE_CASES, { url: api.origin, mint: api.mint })
      expect(results.filter(({ outcome }) => outcome !== 'owed')).toEqual([])
      const honest = results.filter(({ group }) => group === 'honest')
      expect(api.handled()).toBe(honest.length)
    })

    it('answers every hostile proof as owed [field:17, 65, 66, 67, 70]', async () => {
      const baseUrl = 'https://api.example'
      await using api = await startApi(serve, READ, { dpop: { baseUrl } })
      const { origin: url, mint } = api
      const { results } = await fireCases(HOSTILE_PROOF_CASES, { url, mint, publicUrl: baseUrl })
      expect(results.filter(({ outcome }) => outcome !== 'owed')).toEqual([])
      // Of the proof that is sent twice, the first is good.
      const honest = results.filter(({ group }) => group === 'honest')
      expect(api.handled()).toBe(honest.length + 1)
    })
  })
}

interface GuardedApi extends AsyncDisposable {
  readonly origin: string
  readonly mint: TokenMint
  readonly clock: HandClock
  /** Calls that reached the handler. */
  handled(): number
  breakIssuer(broken: boolean): void
  call(
    authorization: string | undefined,
    init?: {
      readonly path?: string
      readonly method?: string
      readonly body?: URLSearchParams
      readonly headers?: Readonly<Record<string, string>>
    },
  ): Promise<Response>
}

async function startApi(
  serve: ServeGuarded,
  rule: Rule,
  options: Partial<GuardOptions> = {},
): Promise<GuardedApi> {
  const clock = handClock()
  let handled = 0
  const issuer = await startTokenIssuer({ audience: AUDIENCE, now: clock.now })
  const { mint } = issuer
  const guard = createGuard({
    issuer: issuer.origin,
    audience: AUDIENCE,
    now: clock.now,
    ...options,
  })
  const api = await serve(guard, rule, ({ principal, token }) => {
    handled++
    const { scopes, ...named } = principal
    return JSON.stringify({ principal: named, scopes: [...scopes], issuer: token.issuer })
  })
  return {
    origin: api.origin,
    mint,
    clock,
    handled: () => handled,
    breakIssuer: issuer.breakDown,
    call: (authorization, { path = '/', method = 'GET', body, headers } = {}) =>
      fetch(`${api.origin}${path}`, {
        method,
        headers: { ...headers, ...(authorization !== undefined && { authorization }) },
        ...(body && { body }),
      }),
    async [Symbol.asyncDispose]() {
      await api.close()
      await issuer.close()
    },
  }
}

/** Sends two `Authorization` lines, which `fetch` would join. */
function callTwice(
  origin: string,
  first: string,
  second: string,
): Promise<{ status: number | undefined; challenge: string | undefined }> {
  return new Promise((resolve, reject) => {
    const host = new URL(origin).host
    const headers = ['Host', host, 'Authorization', first, 'authorization', second]
    httpRequest(origin, { headers }, (response) => {
      response.resume()
      const challenge = response.headers['www-authenticate']
      response.on('end', () => resolve({ status: response.statusCode, challenge }))
    })
      .on('error', reject)
      .end()
  })
}

/** The parameters of the one challenge; none where there is no challenge. */
function challengeOf(response: Response): ReadonlyMap<string, string> | undefined {
  const header = response.headers.get('www-authenticate')
  if (header === null) return undefined
  const challenges = parseChallenges(header)
  if (!challenges.ok) throw new Error('the challenge cannot be parsed')
  expect(challenges.value.map(({ scheme }) => scheme)).toEqual(['Bearer'])
  return challenges.value[0]?.parameters
}
