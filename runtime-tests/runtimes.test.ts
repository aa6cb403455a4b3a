import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startAuthorizationServer, startLoopbackServer } from '@countersign/testkit'
import { rolldown } from 'rolldown'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { bundlePackages } from '../tools/bundle.ts'
import { runCommand } from '../tools/run-command.ts'
import { runtimes } from '../tools/runtimes.ts'
import type { MiniflareModule } from './miniflare.ts'
import type { CheckResult, Surroundings } from './suite.ts'

const HERE = import.meta.dirname

beforeAll(async () => {
  const { ok, output } = await runCommand('tsc', [
    '-b',
    '--force',
    'packages/guard',
    'packages/client',
  ])
  if (!ok) throw new Error(output)
  await bundlePackages(join(HERE, '..'), ['protocol', 'client', 'guard'])
}, 120_000)

/** An authorization server, an API and a counter, for one run of the suite. */
async function surroundings(): Promise<Surroundings> {
  const server = await startAuthorizationServer()
  const refused = new Set<string>()
  const api = await startLoopbackServer(async (request) => {
    const { pathname } = new URL(request.url)
    const token = request.headers.get('authorization') ?? ''
    if (pathname === '/tokens') return new Response(String(server.tokenRequests))
    if (pathname === '/away') return Response.redirect('https://elsewhere.example/', 302)
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
  return { issuer: server.issuer, counter: api.origin, api: api.origin, ...server.client }
}

function expectAllGood(results: readonly CheckResult[]): void {
  expect(results.filter(({ fault }) => fault !== '')).toEqual([])
  expect(results.length).toBeGreaterThanOrEqual(6)
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

describe('the built packages on workerd', () => {
  it.runIf(workerd?.present)(
    'keep every promise of the suite, and serve requests that overlap',
    async () => {
      const bundle = await rolldown({ input: join(HERE, 'worker.ts'), platform: 'neutral' })
      const { output } = await bundle.generate({ format: 'esm' })
      const { Miniflare } = (await import(workerd?.path ?? '')) as MiniflareModule
      const worker = new Miniflare({
        modules: [{ type: 'ESModule', path: 'worker.js', contents: output[0].code }],
        compatibilityDate: '2026-07-01',
      })
      onTestFinished(() => worker.dispose())
      const body = JSON.stringify(await surroundings())
      const post = (path: string) =>
        worker.dispatchFetch(`http://worker${path}`, { method: 'POST', body })
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
})
