import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, fromFile } from '@countersign/client'
import { expect, it, onTestFinished } from 'vitest'
import { handClock, startAuthorizationServer } from '../src/index.ts'

it('rotates a secret, with overlap and without, and no call of 10,000 fails', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'secret')
  const clock = handClock(Date.now())
  await using server = await startAuthorizationServer({
    now: clock.now,
    followInterval: 3_600_000,
    resources: [
      {
        resource: 'https://api.example.test/orders',
        scopes: ['orders:read'],
        tokenLifetimeSeconds: 60,
      },
    ],
  })
  await writeFile(file, server.client.clientSecret)
  const auth = createClient({
    issuer: server.issuer,
    clientId: server.client.clientId,
    clientSecret: fromFile(file),
    now: clock.now,
  })
  const rotate = async (overlap: number) => {
    const { secret } = await server.administration.rotateSecret('billing', { overlap })
    return secret.reveal()
  }

  let next = ''
  let failed = 0
  for (let call = 0; call < 10_000; call++) {
    // With overlap: both secrets are good for ten minutes, the file follows after five.
    if (call === 3000) {
      next = await rotate(600_000)
      await server.server.refresh()
    }
    if (call === 3300) await writeFile(file, next)
    // Without: the file changes first, and the server takes the new secret, and only it, later.
    if (call === 7000) await writeFile(file, await rotate(0))
    if (call === 7008) await server.server.refresh()
    await auth.getToken().catch(() => failed++)
    // The clock waits for the network: a renewal takes a moment, not minutes of this clock.
    while (auth.status().asking) await new Promise((resolve) => setImmediate(resolve))
    clock.advance(1000)
  }
  expect(failed).toBe(0)
  const issued = server.events.filter(({ type }) => type === 'token.issued').length
  expect(issued).toBeGreaterThan(160)
  expect(issued).toBeLessThan(260)
}, 60_000)
