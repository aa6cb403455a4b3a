import { execFile } from 'node:child_process'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startAuthorizationServer, startLoopbackServer } from '@countersign/testkit'
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose'
import { rolldown } from 'rolldown'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { bundlePackages } from '../tools/bundle.ts'
import { runCommand } from '../tools/run-command.ts'
import { runtimes } from '../tools/runtimes.ts'
import { guardServer } from './guard-server.ts'
import { keysAt, reportsAt, vectorsOf } from './guard-suite.ts'
import type { MiniflareModule } from './miniflare.ts'
import type { CheckResult, Surroundings } from './suite.ts'
import type { GuardCall, UsageCall } from './worker.ts'

const HERE = import.meta.dirname

beforeAll(async () => {
  const { ok, output } = await runCommand('tsc', [
    '-b',
    '--force',
    'packages/guard',
    'packages/stores',
  ])
  if (!ok) throw new Error(output)
  await bundlePackages(join(HERE, '..'), ['protocol', 'client', 'verify', 'guard', 'stores'])
}, 120_000)

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** An authorization server, an API and a counter, for one run of the suite. */
async function surroundings(): Promise<Surroundings> {
  const server = await startAuthorizationServer()
  const refused = new Set<string>()
  const routes: Readonly<Record<string, (request: Request) => Promise<Response> | Response>> = {
    '/tokens': () => new Response(String(server.tokenRequests)),
    '/away': () => Response.redirect('https://elsewhere.example/', 302),
    '/assertion/token': answerAssertion,
    '/dpop/token': answerDpopToken,
    '/dpop/orders': answerDpopCall,
  }
  const answerGuard = guardServer()
  const api = await startLoopbackServer(async (request) => {
    const answered = answerGuard(request)
    if (answered !== undefined) return answered
    const route = routes[new URL(request.url).pathname]
    if (route !== undefined) return route(request)
    const token = request.headers.get('authorization') ?? ''
    if (refused.size === 0) refused.add(token)
    return refused.has(token)
      ? new Response('no', {
          status: 401,
          headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
        })
      : new Response(await request.text())
  })
  onTestFinished(async () => {
    await api.close()
    await server.close()
  })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const { issuer, client } = server
  return { issuer, counter: api.origin, api: api.origin, privateKey: pem, ...client }
}

async function answerAssertion(request: Request): Promise<Response> {
  const assertion = new URLSearchParams(await request.text()).get('client_assertion') ?? ''
  await jwtVerify(assertion, publicKey, { audience: request.url, typ: 'client-authentication+jwt' })
  return Response.json({ access_token: 'asserted', expires_in: 60 })
}

/** Keys of the proofs that tokens were asked for with. */
const bound = new Set<string>()

async function answerDpopToken(request: Request): Promise<Response> {
  bound.add(await proofKey(request))
  return Response.json({ access_token: 'bound', token_type: 'DPoP', expires_in: 60 })
}

async function answerDpopCall(request: Request): Promise<Response> {
  const key = await proofKey(request)
  const isBound = request.headers.get('authorization') === 'DPoP bound' && bound.has(key)
  return new Response(isBound ? 'proven' : 'not proven')
}

/** The thumbprint of the key that signed a request's proof, once it has been verified. */
async function proofKey(request: Request): Promise<string> {
  const proof = request.headers.get('dpop') ?? ''
  const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, { typ: 'dpop+jwt' })
  const fits = payload['htm'] === request.method && payload['htu'] === request.url
  if (!fits || protectedHeader.jwk === undefined) throw new Error('a proof for another request')
  return calculateJwkThumbprint(protectedHeader.jwk)
}

function expectAllGood(results: readonly CheckResult[]): void {
  expect(results.filter(({ fault }) => fault !== '')).toEqual([])
  expect(results.length).toBeGreaterThanOrEqual(22)
}

const found = runtimes()
for (const { name, present } of found) {
  if (!present) console.log(`skipped: no ${name} (npm run runtimes brings it)`)
}

const programs = [
  { name: 'this Node', path: process.execPath, present: true, args: [] as string[] },
  ...found
    .filter(({ name }) => name !== 'workerd')
    .map((one) => ({ ...one, args: one.name === 'deno' ? ['run', '--allow-all'] : [] })),
]

describe.each(programs)('the built packages on $name', ({ path, present, args }) => {
  it.runIf(present)(
    'keep every promise of the suite',
    async () => {
      const around = JSON.stringify(await surroundings())
      const { stdout } = await promisify(execFile)(path, [...args, join(HERE, 'run.ts'), around], {
        cwd: HERE,
        timeout: 60_000,
      })
      expectAllGood(JSON.parse(stdout) as CheckResult[])
    },
    90_000,
  )
})

const workerd = found.find(({ name }) => name === 'workerd')

/** The suite in workerd, and a server for what it asks for. */
async function startWorker(compatibilityFlags: readonly string[] = []) {
  const input = join(HERE, 'worker.ts')
  const bundle = await rolldown({ input, platform: 'neutral', external: ['cloudflare:workers'] })
  const { output } = await bundle.generate({ format: 'esm' })
  const { Miniflare } = (await import(workerd?.path ?? '')) as MiniflareModule
  const worker = new Miniflare({
    modules: [{ type: 'ESModule', path: 'worker.js', contents: output[0].code }],
    compatibilityDate: '2026-07-01',
    compatibilityFlags,
  })
  onTestFinished(() => worker.dispose())
  const around = await surroundings()
  const post = (path: string, body: object = around) =>
    worker.dispatchFetch(`http://worker${path}`, { method: 'POST', body: JSON.stringify(body) })
  return { around, post }
}

/** A guard in workerd whose keys are at an address of their own. */
async function startWorkerGuard(handsOver: boolean) {
  const { around, post } = await startWorker()
  const { issuer, audience, now, tokens } = await vectorsOf(around)
  const jwksUri = keysAt(around, randomUUID())
  const endpoint = `${around.api}/guard/introspect`
  const ask = async (
    token: string,
    { later = 0, path = '/guard' }: { readonly later?: number; readonly path?: string } = {},
  ): Promise<string> => {
    const call: GuardCall = {
      issuer,
      audience,
      jwksUri,
      endpoint,
      token,
      now: now + later,
      handsOver,
    }
    return (await post(path, call)).text()
  }
  const loads = async (): Promise<number> => Number(await (await fetch(`${jwksUri}/loads`)).text())
  return { ask, loads, tokens }
}

/** A Worker that counts which scopes are used, and reports at an address of its own. */
async function startWorkerUsage() {
  const { around, post } = await startWorker()
  const { issuer, audience, now, tokens } = await vectorsOf(around)
  const reports = reportsAt(around, randomUUID())
  const jwksUri = keysAt(around, 'all')
  const ask = async (path: string, later = 0): Promise<unknown> => {
    const call: UsageCall = {
      issuer,
      audience,
      jwksUri,
      endpoint: '',
      handsOver: true,
      reports,
      token: tokens.ES256,
      now: now + later,
    }
    return JSON.parse(await (await post(path, call)).text())
  }
  const reported = async (): Promise<unknown> => (await fetch(reports)).json()
  return { ask, reported }
}

describe('scopeUsage on workerd', () => {
  it.runIf(workerd?.present)(
    'sends behind the first request after its interval, once for those that overlap',
    async () => {
      const { ask, reported } = await startWorkerUsage()
      for (let call = 1; call <= 3; call++) {
        expect(await ask('/usage')).toEqual({ allowed: true, waiting: 1, told: [] })
      }
      expect(await reported()).toEqual([])
      await Promise.all(Array.from({ length: 20 }, () => ask('/usage', 60_000)))
      await vi.waitFor(async () => expect(await reported()).not.toEqual([]), { timeout: 20_000 })
      // Another request can tell that the report came to its end, and sends the rest.
      await ask('/usage/flush', 60_000)
      const counts = (await reported()) as [string, string, number][]
      expect(
        counts.every(([client, scope]) => `${client} ${scope}` === 'billing orders:read'),
      ).toBe(true)
      expect(counts).toHaveLength(2)
      expect(counts.reduce((sum, [, , calls]) => sum + calls, 0)).toBe(23)
      expect(await ask('/usage', 61_000)).toMatchObject({
        waiting: 1,
        told: ['usage_reported', 'usage_reported'],
      })
    },
    90_000,
  )

  it.runIf(workerd?.present)(
    'lets no request wait for a report that went down with the request that began it',
    async () => {
      const { ask, reported } = await startWorkerUsage()
      await ask('/usage')
      expect(await ask('/usage/left')).toBe('left')
      await ask('/usage')
      expect(await ask('/usage/flush')).toMatchObject({ sent: true })
      expect(await reported()).toContainEqual(['billing', 'orders:read', 1])
    },
    90_000,
  )
})

describe('the built packages on workerd', () => {
  it.runIf(workerd?.present)(
    'keep every promise of the suite, and serve requests that overlap',
    async () => {
      const { post } = await startWorker()
      const tokens = await Promise.all(
        Array.from({ length: 20 }, async () => (await post('/token')).text()),
      )
      expect(tokens.every((token) => token.split('.').length === 3)).toBe(true)
      const later = await Promise.all(
        Array.from({ length: 20 }, async () => (await post('/token')).text()),
      )
      expect(new Set(later).size).toBe(1)
      expectAllGood((await (await post('/suite')).json()) as CheckResult[])
    },
    90_000,
  )

  it.runIf(workerd?.present)(
    "keep every promise of the suite where Node's modules are there, too",
    async () => {
      const { post } = await startWorker(['nodejs_compat'])
      expectAllGood((await (await post('/suite')).json()) as CheckResult[])
    },
    90_000,
  )

  it.runIf(workerd?.present)(
    'load keys once for requests that overlap at a cold start and at a rotation [field:56]',
    async () => {
      const { ask, loads, tokens } = await startWorkerGuard(false)
      const burst = (token: string): Promise<string[]> =>
        Promise.all(Array.from({ length: 20 }, () => ask(token)))
      expect(new Set(await burst(tokens.ES256))).toEqual(new Set(['allowed']))
      expect(await loads()).toBe(1)
      expect(new Set(await burst(tokens.RS256))).toEqual(new Set(['allowed']))
      expect(await loads()).toBe(2)
    },
    90_000,
  )

  it.runIf(workerd?.present)(
    'let no request wait for a load that went down with the request that began it [field:56]',
    async () => {
      const { ask, loads, tokens } = await startWorkerGuard(false)
      expect(await ask(tokens.ES256, { path: '/guard/left' })).toBe('left')
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask(tokens.ES256)))
      expect(new Set(answers)).toEqual(new Set(['allowed']))
      expect(await loads()).toBe(2)
    },
    90_000,
  )

  it.runIf(workerd?.present)(
    'let no request wait for a question about its token that went down with another [field:56]',
    async () => {
      const { ask } = await startWorkerGuard(false)
      expect(await ask('opaque-active', { path: '/guard/left' })).toBe('left')
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask('opaque-active')))
      expect(new Set(answers)).toEqual(new Set(['allowed']))
    },
    90_000,
  )

  it.runIf(workerd?.present)(
    'renew keys ahead of need where the platform lets the load end, and nobody waits [field:56]',
    async () => {
      const { ask, loads, tokens } = await startWorkerGuard(true)
      expect(await ask(tokens.ES256)).toBe('allowed')
      const later = 9 * 60_000
      expect(await ask(tokens.ES256, { later })).toBe('allowed')
      await vi.waitFor(async () => expect(await loads()).toBe(2))
      // The second set has every key: it has been taken in, and nothing more is loaded.
      expect(await ask(tokens.RS256, { later })).toBe('allowed')
      expect(await loads()).toBe(2)
    },
    90_000,
  )
})
