import { formatForm, parseForm } from '@countersign/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { startLoopbackServer } from '@countersign/testkit'
import { reportParts, sendReport } from './send-report.ts'

const resource = 'https://api.example/orders'
const target = { resource, authorize: () => 'Bearer mine', fetch: globalThis.fetch }
const { signal } = new AbortController()

describe('reportParts', () => {
  it('puts every count into one report, and none that is too long to be read', async () => {
    let longest = 0
    await using server = await startLoopbackServer((_, { body }) => {
      longest = Math.max(longest, body.length)
      const form = parseForm(body)
      if (!form.ok) return new Response(null, { status: 400 })
      const { uses } = JSON.parse(form.value.get('usage')?.[0] ?? '') as { uses: unknown[] }
      return new Response(null, { status: uses.length <= 200 ? 200 : 400 })
    })
    // The worst case is what a form must encode, each character by three or nine.
    const name = fc.string({ unit: fc.constantFrom('a', '%', '€', '"'), maxLength: 256 })
    const count = fc.record({
      clientId: name,
      scope: name,
      calls: fc.integer({ min: 1, max: 2 ** 32 }),
      lastUsedAt: fc.integer({ min: 0, max: 4e12 }),
    })
    const counts = fc.array(count, { maxLength: 700, size: 'max' })
    await fc.assert(
      fc.asyncProperty(counts, async (all) => {
        const parts = reportParts(all, resource)
        expect(parts.flat()).toEqual(all)
        for (const part of parts) {
          expect(await sendReport(part, server.origin, signal, target)).toEqual({ ok: true })
        }
      }),
      { numRuns: 20 },
    )
    expect(longest).toBeLessThanOrEqual(16_384)
    expect(longest).toBeGreaterThan(10_000)
  }, 30_000)

  it('fills a report with short names up to 200 pairs', () => {
    const all = Array.from({ length: 401 }, (_, at) => {
      return { clientId: `${at}`, scope: 'a', calls: 1, lastUsedAt: 0 }
    })
    expect(reportParts(all, resource).map(({ length }) => length)).toEqual([200, 200, 1])
    expect(reportParts([], resource)).toEqual([])
    expect(formatForm([['a', '']])).toBe('a=')
  })
})

describe('sendReport', () => {
  it.each<readonly [string, () => Response, object]>([
    ['401', () => new Response(null, { status: 401 }), { fault: 'unauthorized' }],
    ['403', () => new Response(null, { status: 403 }), { fault: 'unauthorized' }],
    [
      '400',
      () => Response.json({ error: 'invalid_target' }, { status: 400 }),
      { fault: 'refused' },
    ],
    ['404', () => new Response(null, { status: 404 }), { fault: 'status' }],
    ['204', () => new Response(null, { status: 204 }), { fault: 'status' }],
    ['a redirect', () => Response.redirect('https://evil.example'), { fault: 'status' }],
    [
      '503 for a while',
      () => new Response(null, { status: 503, headers: { 'retry-after': '30' } }),
      { fault: 'status', retryAfter: 30_000 },
    ],
    ['nothing', () => Response.error(), { fault: 'network' }],
  ])('says why a report was not taken: %s', async (_, answer, expected) => {
    await using server = await startLoopbackServer(answer)
    const counts = [{ clientId: 'a', scope: 'b', calls: 1, lastUsedAt: 0 }]
    expect(await sendReport(counts, server.origin, signal, target)).toEqual({
      ok: false,
      ...expected,
    })
  })

  it('shows nothing of what the credentials failed with', async () => {
    const authorize = (): Promise<string> => Promise.reject(new Error('MARKER'))
    const outcome = await sendReport([], 'https://as.example', signal, { ...target, authorize })
    expect(outcome).toEqual({ ok: false, fault: 'authorize' })
  })
})
