import { describe, expect, it } from 'vitest'
import { clientEnv, runCommand, startCommand } from './run-command.ts'
import { runProcess } from './start-process.ts'

const DEV = ['dev', '--port', '0', '--api-port', '0']

describe('countersign dev', () => {
  it('gives a token to countersign token, alone on its line', async () => {
    await using dev = await startCommand(DEV)
    const { code, stdout, stderr } = await runCommand(['token'], { env: clientEnv(dev.ready) })
    expect(code).toBe(0)
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/)
  })

  it('answers countersign fetch with the orders, and takes one more', async () => {
    await using dev = await startCommand(DEV)
    const env = clientEnv(dev.ready)
    const url = dev.ready['api'] ?? ''
    const read = await runCommand(['fetch', url, '--scope', 'orders:read'], { env })
    expect(read.code).toBe(0)
    expect(JSON.parse(read.stdout)).toMatchObject({ askedBy: 'dev-client' })
    const written = await runCommand(['fetch', url, '-d', '{"item":"desk"}', '-i'], { env })
    expect(written.stdout).toContain('201 Created\n')
    expect(written.stdout).toContain('content-type: application/json\n')
    expect(written.stdout).toContain('"item":"desk"')
    const again = await runCommand(['fetch', url, '--json'], { env })
    expect(JSON.parse(again.stdout)).toMatchObject({
      status: 200,
      body: { orders: [{ item: 'lamp' }, { item: 'chair' }, { item: 'desk' }] },
    })
  })

  it('refuses a call that lacks its scope, and fetch says what to do', async () => {
    await using dev = await startCommand(DEV)
    const { code, stdout, stderr } = await runCommand(
      ['fetch', dev.ready['api'] ?? '', '-d', '{"item":"x"}', '--scope', 'orders:read'],
      { env: clientEnv(dev.ready) },
    )
    expect(code).toBe(6)
    expect(stdout).toContain('"error":"insufficient_scope"')
    expect(stderr).toBe(
      'error: the API answered 403 Forbidden, insufficient_scope: The token is good, but its scopes do not satisfy the rule.\n' +
        'cure: Grant the scope to the client, and let the client ask for it. It wants: orders:write\n',
    )
  })

  it('logs a line for each token and each call, with no token and no secret in it', async () => {
    await using dev = await startCommand(DEV)
    const env = clientEnv(dev.ready)
    const { stdout } = await runCommand(['token'], { env })
    await runCommand(['fetch', `${dev.ready['api']}/${stdout.trim()}?t=${stdout.trim()}`], { env })
    await runCommand(['fetch', dev.ready['api'] ?? ''], { env })
    const { stderr } = dev.text()
    const events = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    expect(events).toMatchObject([
      { event: 'token.issued', client_id: 'dev-client', scope: 'orders:read orders:write' },
      { event: 'token.issued' },
      { event: 'api.called', route: '(no route)', status: 404, client_id: null },
      { event: 'token.issued' },
      {
        event: 'api.called',
        method: 'GET',
        route: '/orders',
        status: 200,
        client_id: 'dev-client',
      },
    ])
    expect(stderr).not.toContain(stdout.trim())
    expect(stderr).not.toContain(env['COUNTERSIGN_CLIENT_SECRET'])
  })

  it('lets tokens live as long as it is told', async () => {
    await using dev = await startCommand([...DEV, '--lifetime', '7'])
    const { stdout } = await runCommand(['token', '--json'], { env: clientEnv(dev.ready) })
    const { expires_in: left } = JSON.parse(stdout) as { expires_in: number }
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThanOrEqual(7)
  })

  it('prints lines that work when they are pasted, the secret once', async () => {
    const stopping = new AbortController()
    const { promise: introduction, resolve } = Promise.withResolvers<string>()
    const { run } = await import('../src/index.ts')
    const ended = run(DEV, {
      stdout: (text) => resolve(String(text)),
      stderr: () => {},
      env: {},
      readStdin: async () => new Uint8Array(),
      isTTY: true,
      shellLine: 'countersign() { marker; }',
      signal: stopping.signal,
    })
    const text = await introduction
    expect(text).toContain('terminal:\n\n  countersign() { marker; }\n  export COUNTERSIGN_ISSUER=')
    const env = Object.fromEntries(
      Array.from(text.matchAll(/export (\w+)=(\S+)/g), ([, name = '', value = '']) => [
        name,
        value,
      ]),
    )
    expect(text.split(env['COUNTERSIGN_CLIENT_SECRET'] ?? '?')).toHaveLength(2)
    const url = /countersign fetch (\S+)\n/.exec(text)?.[1] ?? ''
    expect((await runCommand(['fetch', url], { env })).code).toBe(0)
    expect(text).toContain(`const response = await auth.fetch('${url}')`)
    stopping.abort()
    expect(await ended).toBe(0)
  })

  it.each([
    ['--port', '8460'],
    ['--api-port', '8461'],
    ['--lifetime', '3600'],
  ])('shows a %s that is good to who gave another', async (option, sample) => {
    const { code, stderr } = await runCommand(['dev', option, '1e3'])
    expect(code).toBe(2)
    expect(stderr).toContain(`cure: Write digits only, such as ${option} ${sample}\n`)
  })

  it('says which port is taken, and the cure', async () => {
    await using dev = await startCommand(DEV)
    const port = new URL(dev.ready['issuer'] ?? '').port
    const { code, stderr } = await runCommand(['dev', '--port', '0', '--api-port', port])
    expect(code).toBe(8)
    expect(stderr).toBe(
      `error: port ${port} on 127.0.0.1 is taken\n` +
        'cure: Stop what listens there, or choose another port: --api-port 0 takes any that is free\n',
    )
  })

  it('is gone when it is stopped, and fetch and token then say so', async () => {
    const dev = await startCommand(DEV)
    expect(await dev.stop()).toBe(0)
    const { code, stderr } = await runCommand(['token'], { env: clientEnv(dev.ready) })
    expect(code).toBe(4)
    expect(stderr).toContain('could not be reached (ECONNREFUSED)\ncure: Nothing listens there')
  })
})

describe('the real command', () => {
  it('gets a token, calls the API and inspects the token', async () => {
    await using dev = await startCommand(DEV)
    const env = clientEnv(dev.ready)
    const token = await runProcess(['token'], env)
    expect(token).toMatchObject({ code: 0, stderr: '' })
    const fetched = await runProcess(['fetch', dev.ready['api'] ?? ''], env)
    expect(fetched).toMatchObject({ code: 0, stderr: '' })
    expect(fetched.stdout).toContain('lamp')
    const inspected = await runProcess(['inspect', token.stdout.trim()])
    expect(inspected).toMatchObject({ code: 0, stderr: '' })
    expect(inspected.stdout).toContain('expires in 1 hour')
  })

  it('ends with the exit code of the failure', async () => {
    const { code, stdout, stderr } = await runProcess(['token', '--client-secret', 'marker'])
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain('secrets never come from the command line')
    expect(stderr).not.toContain('marker')
  })
})
