import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createGuard } from '@countersign/guard'
import { guarded } from '@countersign/guard/node'
import { fireCases, HOSTILE_CASES, startTokenIssuer } from '@countersign/testkit/hostile'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeTestPki, type TestPki } from './servers/test-pki.ts'

const pki = await makeTestPki()
const AUDIENCE = 'https://api.example/orders'

describe.runIf(pki !== undefined)('fireCases at an API with TLS', () => {
  const { ca, server } = (pki ?? {}) as TestPki

  async function start() {
    const issuer = await startTokenIssuer({ audience: AUDIENCE })
    const guard = createGuard({ issuer: issuer.origin, audience: AUDIENCE })
    const listener = guarded(guard, { scope: { all: ['orders:read'] } }, (_request, response) => {
      response.end('orders')
    })
    const api = createServer({ ...server }, listener).listen(0, '127.0.0.1')
    await once(api, 'listening')
    onTestFinished(async () => {
      api.close()
      await issuer.close()
    })
    const url = `https://127.0.0.1:${(api.address() as AddressInfo).port}/orders`
    return { url, mint: issuer.mint }
  }

  it('finds every answer as owed', async () => {
    const { url, mint } = await start()
    const { results } = await fireCases(HOSTILE_CASES, { url, mint, ca })
    expect(results.filter(({ outcome }) => outcome !== 'owed')).toEqual([])
    expect(results).toHaveLength(HOSTILE_CASES.length + 1)
  })

  it('sends nothing to a server that it does not know', async () => {
    const { url, mint } = await start()
    const { results } = await fireCases(HOSTILE_CASES, { url, mint })
    expect(results.map(({ outcome, seen }) => [outcome, seen])).toEqual([['failed', undefined]])
  })
})
