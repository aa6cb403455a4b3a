import { createGuard } from '@countersign/guard'
import { guarded } from '@countersign/guard/fetch'
import { parseCompactJws } from '@countersign/protocol'
import { describe, expect, it } from 'vitest'
import { handClock } from '../hand-clock.ts'
import { startListener, startLoopbackServer, type LoopbackHandler } from '../loopback-server.ts'
import { startTokenIssuer } from '../token-issuer.ts'
import { tokenMint } from '../token-mint.ts'
import { fireCases, type HostileReport } from './fire-cases.ts'
import type { HostileCase } from './hostile-case.ts'
import { HOSTILE_CASES, HOSTILE_PROOF_CASES } from './hostile-cases.ts'
import { formatHostileReport } from './hostile-report.ts'

const mint = tokenMint({
  issuer: 'https://as.example',
  audience: 'https://api.example',
  now: handClock().now,
})
const CHALLENGE = { 'www-authenticate': 'Bearer error="invalid_token"' }

async function fireAt(
  handler: LoopbackHandler,
  cases: readonly HostileCase[] = HOSTILE_CASES,
): Promise<HostileReport> {
  await using api = await startLoopbackServer(handler)
  return await fireCases(cases, { url: `${api.origin}/orders?page=2`, mint, timeout: 2000 })
}

function named(report: HostileReport, name: string): unknown {
  return report.results.find((one) => one.name === name)
}

describe('fireCases', () => {
  it('says of an API that reads tokens and verifies nothing what it lets in', async () => {
    const report = await fireAt((request) => {
      const jws = parseCompactJws(
        request.headers.get('authorization')?.replace(/^bearer +/i, '') ?? '',
      )
      return jws.ok
        ? new Response('orders')
        : new Response(null, { status: 401, headers: CHALLENGE })
    })
    expect(report.ok).toBe(false)
    expect(named(report, "a stranger's key under our kid")).toEqual({
      name: "a stranger's key under our kid",
      group: 'algorithm',
      source: expect.stringContaining('RFC 8725') as string,
      outcome: 'accepted',
      owed: { status: 401, error: 'invalid_token' },
      seen: { status: 200, error: undefined },
    })
    expect(named(report, 'padding')).toMatchObject({ outcome: 'owed' })
    expect(named(report, 'a token in quotes')).toMatchObject({
      outcome: 'refused',
      owed: { status: 400, error: 'invalid_request' },
      seen: { status: 401, error: 'invalid_token' },
    })
    expect(report.results).toHaveLength(HOSTILE_CASES.length + 1)
    expect(report.counts.accepted).toBeGreaterThan(100)
  })

  it('sends nothing after an honest request that is refused', async () => {
    let asked = 0
    const report = await fireAt(() => {
      asked++
      return new Response(null, { status: 401, headers: CHALLENGE })
    })
    expect(asked).toBe(1)
    expect(report).toMatchObject({ ok: false, counts: { refused: 1 } })
    expect(formatHostileReport(report)).toBe(
      'REFUSED honest: a good token\n' +
        '  owed 200, came 401 invalid_token (RFC 6750 section 2.1; RFC 9068)\n' +
        'The good token was not let through: nothing else was sent.\n',
    )
  })

  it('tells an API that falls over, or says nothing, from one that refuses', async () => {
    const [honest, ...attacks] = HOSTILE_CASES
    const cases = [honest, ...attacks.filter(({ group }) => group === 'scope').slice(0, 3)]
    let asked = 0
    await using api = await startListener((_, response) => {
      asked++
      if (asked === 2) response.writeHead(500).end()
      else if (asked === 3) response.destroy()
      else if (asked !== 4) response.end('orders')
    })
    const report = await fireCases(cases as HostileCase[], { url: api.origin, mint, timeout: 200 })
    expect(report.results.map(({ outcome, seen }) => [outcome, seen?.status])).toEqual([
      ['owed', 200],
      ['failed', 500],
      ['failed', undefined],
      ['failed', undefined],
      ['owed', 200],
    ])
    const text = formatHostileReport(report)
    expect(text).toContain('came no answer')
    expect(text).toMatch(/2 of 5 as owed; 0 accepted, 3 failed, 0 refused in another way\n$/)
  })

  it('takes the word of a router that answers OPTIONS, and knows no other method', async () => {
    const methods = HOSTILE_CASES.filter(({ group }) => group === 'honest' || group === 'method')
    const report = async (headers: Readonly<Record<string, string>>): Promise<HostileReport> =>
      fireAt((request) => {
        if (request.method === 'OPTIONS') return new Response(null, { headers })
        if (request.method !== 'GET' && request.method !== 'HEAD') {
          return new Response(null, { status: 405 })
        }
        return request.headers.has('authorization')
          ? new Response('orders', { headers })
          : new Response(null, { status: 401, headers: { 'www-authenticate': 'Bearer' } })
      }, methods)
    expect((await report({ allow: 'GET, HEAD' })).counts).toMatchObject({ accepted: 0, refused: 0 })
    expect((await report({})).counts).toMatchObject({ accepted: 2, refused: 0 })
    const bare = await fireAt(
      () => new Response('orders', { headers: { 'access-control-allow-methods': 'GET' } }),
      methods,
    )
    // It lets everybody in, and only OPTIONS may be the router's.
    expect(bare.counts.accepted).toBe(4)
  })

  it('sends the good token again when all is over', async () => {
    let asked = 0
    const report = await fireAt(
      () => new Response(null, { status: ++asked === 1 ? 200 : 503 }),
      HOSTILE_CASES.slice(0, 1),
    )
    expect(report.results.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['a good token', 'owed'],
      ['a good token, after all the others', 'failed'],
    ])
  })

  it('keeps the query of the address, and sends what every request needs besides', async () => {
    await using api = await startLoopbackServer(() => new Response())
    await fireCases(HOSTILE_CASES, {
      url: `${api.origin}/orders?page=2`,
      mint,
      headers: { 'x-api-key': 'gate' },
    })
    const { requests } = api
    expect(requests.filter(({ path }) => !path.includes('/orders'))).toEqual([])
    expect(requests[0]).toMatchObject({ method: 'GET', path: '/orders?page=2' })
    expect(requests[0]?.headers.get('x-api-key')).toBe('gate')
    expect(requests.map(({ path }) => path)).toContain('/orders?page=2&access_token=junk')
  })

  it('takes nonces for DPoP as they come', async () => {
    await using issuer = await startTokenIssuer({ audience: 'https://api.example', now: mint.now })
    const { mint: here } = issuer
    const guard = createGuard({
      issuer: here.issuer,
      audience: here.audience,
      now: here.now,
      dpop: { nonces: { secrets: ['a nonce secret of 32 bytes or more'] } },
    })
    await using api = await startLoopbackServer(
      guarded(guard, { scope: { all: ['orders:read'] } }, () => new Response('orders')),
    )
    const report = await fireCases(HOSTILE_PROOF_CASES, {
      url: `${api.origin}/orders`,
      publicUrl: 'https://api.example/orders',
      mint: here,
    })
    // With a nonce the age of a proof is the nonce's, so that clients with a wrong clock get through.
    const others = report.results.filter(({ outcome }) => outcome !== 'owed')
    expect(others.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['a proof of an hour ago', 'accepted'],
      ['a proof of the year 1970', 'accepted'],
      ['a proof an hour ahead', 'accepted'],
    ])
  })

  it('holds no token in its report', async () => {
    const parts: string[] = []
    const report = await fireAt((request) => {
      for (const [, value] of request.headers) {
        parts.push(...value.split(/[^\w-]+/).filter((part) => part.length > 40))
      }
      return new Response()
    })
    const text = JSON.stringify(report) + formatHostileReport(report)
    expect(parts.length).toBeGreaterThan(500)
    expect(parts.filter((part) => text.includes(part))).toEqual([])
  })

  it('rejects for an address that is none', async () => {
    await expect(fireCases(HOSTILE_CASES, { url: 'orders', mint })).rejects.toThrow(TypeError)
  })
})

describe('HOSTILE_CASES and HOSTILE_PROOF_CASES', () => {
  it('begin with the honest ones, and have a name each', () => {
    for (const cases of [HOSTILE_CASES, HOSTILE_PROOF_CASES]) {
      const honest = cases.filter(({ group }) => group === 'honest')
      expect(cases.slice(0, honest.length)).toEqual(honest)
      expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
    }
  })
})
