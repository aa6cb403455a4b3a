import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startLoopbackServer } from '@countersign/testkit'
import { expect, it } from 'vitest'

it('one call and then nothing: the process ends by itself', async () => {
  await using server = await startLoopbackServer((request) =>
    new URL(request.url).pathname === '/token'
      ? Response.json({ access_token: 'at', expires_in: 3600 })
      : new Response('called'),
  )
  const script = fileURLToPath(new URL('one-call.fixture.ts', import.meta.url))
  // A kill by this timeout rejects: an orderly end is the only way to pass.
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@countersign/source', script, server.origin],
    { env: { ...process.env, CLIENT_SECRET: 's3cret' }, timeout: 20_000 },
  )
  expect(stdout).toBe('called')
})
