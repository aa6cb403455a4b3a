import { request as httpRequest } from 'node:http'
import { describe, expect, it, vi } from 'vitest'
import { createAuthorizationServer, generateMasterKey } from '@countersign/server'
import { nodeListener } from '@countersign/server/node'
import { handClock, startAuthorizationServer, startListener } from '@countersign/testkit'
import { postToken } from './post-token.ts'
import { metricsOf, watchedStore } from './watched-store.ts'
import { startThreeParties } from './three-parties.ts'

async function readiness(issuer: string): Promise<readonly [number, unknown]> {
  const response = await fetch(`${issuer}/health/ready`)
  return [response.status, await response.json()]
}

describe('health', () => {
  it('is live from the start, and ready once the registry is read', async () => {
    const { store, state } = watchedStore()
    state.failing = true
    const server = createAuthorizationServer({
      issuer: 'http://localhost/tenant',
      store,
      masterKeys: [generateMasterKey()],
    })
    const get = async (path: string): Promise<readonly [number, unknown]> => {
      const response = await server.fetch(new Request(`http://localhost/tenant/health/${path}`))
      return [response.status, await response.json()]
    }
    expect(await get('live')).toEqual([200, { status: 'live' }])
    expect(await get('ready')).toEqual([503, { status: 'not_ready', reason: 'starting' }])
    state.failing = false
    // Nobody calls ready(): being asked is enough.
    await vi.waitFor(async () => expect(await get('ready')).toEqual([200, { status: 'ready' }]))
    await server.close()
    expect(await get('ready')).toEqual([503, { status: 'not_ready', reason: 'closed' }])
    expect((await get('live'))[0]).toBe(200)
  })

  it('is not ready while the registry in memory is older than the bound, and issues all the same', async () => {
    const { store, state } = watchedStore()
    const clock = handClock(1_800_000_000_000)
    await using running = await startAuthorizationServer({
      store,
      now: clock.now,
      followInterval: 3_600_000,
    })
    clock.advance(60_000)
    expect((await readiness(running.issuer))[0]).toBe(200)
    state.failing = true
    clock.advance(1)
    expect(await readiness(running.issuer)).toEqual([503, { status: 'not_ready', reason: 'stale' }])
    expect((await postToken(running.tokenEndpoint, { basic: running.client })).status).toBe(200)
    state.failing = false
    await running.server.refresh()
    expect((await readiness(running.issuer))[0]).toBe(200)
  })
})

describe('draining', () => {
  it('turns readiness first, and goes on answering', async () => {
    await using running = await startAuthorizationServer()
    running.server.drain()
    expect(await readiness(running.issuer)).toEqual([
      503,
      { status: 'not_ready', reason: 'draining' },
    ])
    expect((await postToken(running.tokenEndpoint, { basic: running.client })).status).toBe(200)
  })

  it('lets a request under way finish, refuses later ones, and then stores what waits', async () => {
    const { store, state } = watchedStore()
    await using running = await startAuthorizationServer({ store })
    const { server, client, tokenEndpoint } = running
    const slow = slowRequest(tokenEndpoint, client)
    await vi.waitFor(async () =>
      expect(await metricsOf(server)).toContain('countersign_requests_in_flight 1'),
    )
    let closed = false
    const closing = server.close().then(() => (closed = true))
    await vi.waitFor(async () => expect((await fetch(`${running.issuer}/jwks`)).status).toBe(503))
    expect(closed).toBe(false)
    slow.finish()
    expect(await slow.status).toBe(200)
    await closing
    expect(state.uses).toMatchObject([{ clientId: 'billing', tokens: 1 }])
    expect(state.entries.at(-1)).toMatchObject({ type: 'request.failed' })
  })

  it('is one stop, however often it is asked for', async () => {
    await using running = await startAuthorizationServer()
    const { server } = running
    const slow = slowRequest(running.tokenEndpoint, running.client)
    await vi.waitFor(async () =>
      expect(await metricsOf(server)).toContain('countersign_requests_in_flight 1'),
    )
    const closing = [server.close({ deadline: 60_000 }), server.close({ deadline: 60_000 })]
    slow.finish()
    expect(await slow.status).toBe(200)
    await Promise.all(closing)
  })

  it('does not wait longer than its deadline', async () => {
    await using running = await startAuthorizationServer()
    const slow = slowRequest(running.tokenEndpoint, running.client)
    await vi.waitFor(async () =>
      expect(await metricsOf(running.server)).toContain('countersign_requests_in_flight 1'),
    )
    await running.server.close({ deadline: 10 })
    slow.abandon()
    await slow.status.catch(() => {})
  })
})

describe('metrics', () => {
  it('say what happened, by method, reason and result, and the state of things', async () => {
    await using parties = await startThreeParties()
    const { running } = parties
    const token = await parties.token(parties.billing)
    await parties.introspect(token)
    await parties.introspect(token, parties.invoicesApi)
    await parties.revoke(token)
    await postToken(running.tokenEndpoint, { form: {} })
    const text = await metricsOf(running.server)
    const [key] = await running.administration.listSigningKeys()
    for (const line of [
      'countersign_tokens_issued_total{method="client_secret_basic",format="jwt"} 1',
      'countersign_requests_refused_total{endpoint="token",reason="credentials_missing"} 1',
      'countersign_introspections_total{result="active"} 1',
      'countersign_introspections_total{result="not_for_caller"} 1',
      'countersign_tokens_revoked_total 1',
      'countersign_requests_failed_total 0',
      'countersign_ready 1',
      'countersign_replay_proven 1',
      'countersign_requests_in_flight 0',
      'countersign_clients 4',
      'countersign_resources 2',
      'countersign_revocations 1',
      '# TYPE countersign_tokens_issued counter',
    ]) {
      expect(text.split('\n')).toContain(line)
    }
    expect(text).toMatch(
      new RegExp(`signing_key_age_seconds\\{kid="${key?.kid}",alg="ES256"\\} \\d`),
    )
    expect(text).toMatch(/^countersign_registry_revision \d+$/m)
    expect(text).toMatch(/^countersign_registry_age_seconds [\d.]+$/m)
    expect(text.endsWith('# EOF\n')).toBe(true)
  })

  it('say what the process takes, by the names that dashboards know', async () => {
    await using running = await startAuthorizationServer()
    const valueOf = async (name: string): Promise<number> => {
      const lines = (await metricsOf(running.server)).split('\n')
      return Number(lines.find((line) => line.startsWith(`${name} `))?.slice(name.length))
    }
    const ballast = new Uint8Array(50_000_000).fill(1)
    expect(await valueOf('process_resident_memory_bytes')).toBeGreaterThan(ballast.length)
    const startedAt = await valueOf('process_start_time_seconds')
    expect(Math.abs(startedAt - performance.timeOrigin / 1000)).toBeLessThan(1)
    expect(await valueOf('process_start_time_seconds')).toBe(startedAt)
    const before = await valueOf('process_cpu_seconds_total')
    for (let work = 0; process.cpuUsage().user / 1e6 < before + 0.05; work++) Math.sqrt(work)
    expect(await valueOf('process_cpu_seconds_total')).toBeGreaterThan(before)
    for (const space of ['new', 'old', 'large_object']) {
      const [total, used] = await Promise.all(
        ['total', 'used'].map((one) =>
          valueOf(`nodejs_heap_space_size_${one}_bytes{space="${space}"}`),
        ),
      )
      expect(total).toBeGreaterThan(0)
      expect(used).toBeLessThanOrEqual(total ?? 0)
    }
  })

  it('grow by no client and no request', async () => {
    await using parties = await startThreeParties()
    const { tokenEndpoint, server } = parties.running
    const series = async (): Promise<number> => (await metricsOf(server)).split('\n').length
    await postToken(tokenEndpoint, { basic: { clientId: 'x', clientSecret: 'x' } })
    await parties.token(parties.billing)
    const before = await series()
    for (let i = 0; i < 50; i++) {
      await postToken(tokenEndpoint, { basic: { clientId: `x${i}`, clientSecret: 'x' } })
    }
    await parties.token(parties.shipping)
    expect(await series()).toBe(before)
  })

  it('are not on the port of the endpoints', async () => {
    await using running = await startAuthorizationServer()
    expect((await fetch(`${running.origin}/metrics`)).status).toBe(404)
    await using own = await startListener(nodeListener({ fetch: running.server.metrics }))
    const response = await fetch(`${own.origin}/metrics`)
    expect([response.status, (await response.text()).endsWith('# EOF\n')]).toEqual([200, true])
    expect((await fetch(own.origin, { method: 'POST' })).status).toBe(405)
  })
})

/** A token request that sends the end of its body only when it is told to. */
function slowRequest(
  url: string,
  { clientId, clientSecret }: { readonly clientId: string; readonly clientSecret: string },
) {
  const body = 'grant_type=client_credentials'
  const request = httpRequest(url, {
    method: 'POST',
    headers: {
      authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}`,
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': body.length,
    },
  })
  request.write(body.slice(0, 5))
  const status = new Promise<number | undefined>((resolve, reject) => {
    request.on('response', (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    request.on('error', reject)
  })
  return { status, finish: () => request.end(body.slice(5)), abandon: () => request.destroy() }
}
