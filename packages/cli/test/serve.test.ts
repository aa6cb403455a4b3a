import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import { sqliteStore } from '@countersign/stores/sqlite'
import { freePort } from './free-port.ts'
import { clientEnv, runCommand, startCommand, type Outcome } from './run-command.ts'
import { runProcess, startProcess } from './start-process.ts'
import { expectNothingLost, stopUnderLoad } from './stop-under-load.ts'
import { temporaryFolder } from './temporary-folder.ts'

function firstRun(lines: readonly string[]): Record<string, string> {
  const line = lines.find((one) => one.includes('"event":"first_run"'))
  return JSON.parse(line ?? '{}') as Record<string, string>
}

describe('countersign serve', () => {
  it('makes a client on its first run, and shows its secret then only', async () => {
    using folder = temporaryFolder()
    const argv = ['serve', '--db', folder.file('a.db'), '--port', '0', '--json']
    let secret: string
    {
      await using first = await startProcess(argv)
      const printed = firstRun(first.lines)
      secret = printed['client_secret'] ?? ''
      expect(printed).toMatchObject({
        client_id: 'first-client',
        resource: 'https://api.example.com',
      })
      expect(first.lines.join('\n').split(secret)).toHaveLength(2)
      const { issuer = '' } = JSON.parse(first.ready) as Record<string, string>
      const { code } = await runProcess(['token'], clientEnv({ ...printed, issuer }))
      expect(code).toBe(0)
      expect(await first.end('SIGTERM')).toBe(0)
    }
    await using again = await startProcess(argv)
    expect(again.lines).toHaveLength(1)
    const { issuer = '' } = JSON.parse(again.ready) as Record<string, string>
    const env = clientEnv({ issuer, client_id: 'first-client', client_secret: secret })
    expect((await runProcess(['token', '--scope', 'read'], env)).code).toBe(0)
    expect(await again.end('SIGINT')).toBe(0)
  })

  it('prints the first client as lines to paste for people', async () => {
    using folder = temporaryFolder()
    await using serving = await startProcess(['serve', '--db', folder.file('a.db'), '--port', '0'])
    const env = Object.fromEntries(
      serving.lines.flatMap((line) => {
        const match = /^ {2}export (\w+)=(\S+)$/.exec(line)
        return match === null ? [] : [[match[1] ?? '', match[2] ?? '']]
      }),
    )
    expect(serving.ready).toBe(`ready: issuer ${env['COUNTERSIGN_ISSUER']}`)
    expect((await runCommand(['token'], { env })).code).toBe(0)
  })

  it('leaves nothing behind where the first API cannot be what it is told', async () => {
    using folder = temporaryFolder()
    const db = ['--db', folder.file('a.db')]
    const { code, stderr } = await runCommand(['serve', '--resource', 'orders', ...db])
    expect(code).toBe(2)
    expect(stderr).toBe(
      'error: the resource must be an absolute URI\n' +
        'cure: Give the address of the API: --resource https://api.example.com\n',
    )
    expect(existsSync(folder.file('a.db'))).toBe(false)
    expect(existsSync(folder.file('a.db.keys'))).toBe(false)
  })

  it.each([
    ['--profile', 'nope'],
    ['--client-certificates', 'nginx', '--trusted-proxy', 'nowhere'],
    ['--mtls-origin', 'nowhere'],
    ['--metrics-port', '70000'],
  ])('leaves nothing behind where a setting is wrong: %s %s', async (...settings) => {
    using folder = temporaryFolder()
    const db = ['--db', folder.file('a.db'), '--port', '0']
    expect(await runCommand(['serve', ...settings, ...db])).toMatchObject({ code: 2, stdout: '' })
    expect(existsSync(folder.file('a.db'))).toBe(false)
    expect(existsSync(folder.file('a.db.keys'))).toBe(false)
  })

  it('takes in what another process changes, within two seconds', async () => {
    using folder = temporaryFolder()
    const db = ['--db', folder.file('a.db')]
    await using serving = await startCommand(['serve', '--port', '0', ...db])
    const created = await runProcess(['client', 'create', 'billing', '--json', ...db])
    expect(created).toMatchObject({ code: 0, stderr: '' })
    await runProcess(['grant', 'billing', 'https://api.example.com', 'read', ...db])
    const client = JSON.parse(created.stdout) as Record<string, string>
    const env = clientEnv({ ...client, issuer: serving.ready['issuer'] ?? '' })
    await vi.waitFor(async () => expect((await runCommand(['token'], { env })).code).toBe(0), {
      timeout: 2000,
      interval: 100,
    })
  })

  it('explains a refusal on standard error, and to the client in its own words', async () => {
    using folder = temporaryFolder()
    await using serving = await startCommand(['serve', '--port', '0', '--db', folder.file('a.db')])
    const printed = firstRun(serving.text().stdout.split('\n'))
    const env = clientEnv({ ...printed, issuer: serving.ready['issuer'] ?? '' })
    const refused = await runCommand(['token', '--scope', 'admin'], { env })
    expect(refused.code).toBe(3)
    expect(refused.stderr).toContain('invalid_scope')
    const events = serving.text().stderr.trim().split('\n')
    expect(JSON.parse(events.at(-1) ?? '')).toMatchObject({
      event: 'token.refused',
      reason: 'scope_not_granted',
      client_id: 'first-client',
      cure: 'Ask for less, or add the scope to the grant.',
    })
  })

  it('lets a second server run over the same file', async () => {
    using folder = temporaryFolder()
    const argv = ['serve', '--port', '0', '--db', folder.file('a.db')]
    await using first = await startCommand(argv)
    await using second = await startCommand(argv)
    const printed = firstRun(first.text().stdout.split('\n'))
    expect(firstRun(second.text().stdout.split('\n'))).toEqual({})
    for (const { ready } of [first, second]) {
      const env = clientEnv({ ...printed, issuer: ready['issuer'] ?? '' })
      expect((await runCommand(['token'], { env })).code).toBe(0)
    }
  })

  it('makes files that only their owner may read', async () => {
    using folder = temporaryFolder()
    await using serving = await startCommand(['serve', '--port', '0', '--db', folder.file('a.db')])
    expect(serving.ready['issuer']).toMatch(/^http:/)
    for (const name of ['a.db', 'a.db.keys']) {
      expect(statSync(folder.file(name)).mode & 0o777).toBe(0o600)
    }
  })

  it('refuses master keys that others can read', async () => {
    using folder = temporaryFolder()
    const argv = ['serve', '--port', '0', '--db', folder.file('a.db')]
    await (await startCommand(argv)).stop()
    chmodSync(folder.file('a.db.keys'), 0o640)
    const { code, stderr } = await runCommand(argv)
    expect(code).toBe(8)
    expect(stderr).toContain(`cure: Take their rights away: chmod 600 ${folder.file('a.db.keys')}`)
  })

  it('makes no fresh master keys for a database whose keys are lost', async () => {
    using folder = temporaryFolder()
    const argv = ['serve', '--port', '0', '--db', folder.file('a.db')]
    await (await startCommand(argv)).stop()
    const keys = readFileSync(folder.file('a.db.keys'), 'utf8')
    rmSync(folder.file('a.db.keys'))
    const lost = await runCommand(argv)
    expect(lost.code).toBe(8)
    expect(lost.stderr).toContain('there are no master keys at')
    expect(existsSync(folder.file('a.db.keys'))).toBe(false)
    const env = { COUNTERSIGN_MASTER_KEYS: keys }
    await using serving = await startCommand(argv, { env })
    expect(serving.ready['issuer']).toMatch(/^http:/)
    expect(existsSync(folder.file('a.db.keys'))).toBe(false)
  })

  it('does not start with the master keys of another database', async () => {
    using folder = temporaryFolder()
    await (await startCommand(['serve', '--port', '0', '--db', folder.file('a.db')])).stop()
    await (await startCommand(['serve', '--port', '0', '--db', folder.file('b.db')])).stop()
    const { code, stderr } = await runCommand([
      'serve',
      '--port',
      '0',
      '--db',
      folder.file('a.db'),
      '--master-key-file',
      folder.file('b.db.keys'),
    ])
    expect(code).toBe(8)
    expect(stderr).toContain('error: no signing key can be used')
    expect(stderr).toContain('cure: Give the master keys this database was made with')
  })

  it.each([
    ['an http issuer that is not this machine', ['--issuer', 'http://auth.example.com'], 2],
    ['a host that needs an issuer', ['--host', '0.0.0.0'], 2],
    ['a port that is none', ['--port', '99999'], 2],
    ['an address of another machine', ['--host', '192.0.2.1', '--issuer', 'https://a.example'], 8],
  ])('refuses %s and leaves nothing behind', async (_, argv, expected) => {
    using folder = temporaryFolder()
    const db = folder.file('a.db')
    const { code, stderr } = await runCommand(['serve', '--db', db, ...argv])
    expect(code).toBe(expected)
    expect(stderr).toMatch(/^error: .+\ncure: .+\n$/)
    expect(existsSync(db)).toBe(false)
    expect(existsSync(`${db}.keys`)).toBe(false)
  })

  it('says that a file is no database', async () => {
    using folder = temporaryFolder()
    writeFileSync(folder.file('a.db'), 'this is a text file, and a rather long one at that')
    writeFileSync(folder.file('a.db.keys'), `1:${'A'.repeat(43)}\n`, { mode: 0o600 })
    const { code, stderr } = await runCommand(['client', 'list', '--db', folder.file('a.db')])
    expect(code).toBe(8)
    expect(stderr).toContain('file is not a database')
  })

  it('answers what runs when it is stopped', async () => {
    using folder = temporaryFolder()
    const serving = await startCommand(['serve', '--port', '0', '--db', folder.file('a.db')])
    const printed = firstRun(serving.text().stdout.split('\n'))
    // The body is sent after the stop was asked for: the request is under way, and is answered.
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const credentials = Buffer.from(`first-client:${printed['client_secret']}`).toString('base64')
    const answer = fetch(serving.ready['token_endpoint'] ?? '', {
      method: 'POST',
      body: readable,
      duplex: 'half',
      headers: {
        authorization: `Basic ${credentials}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
    } as RequestInit)
    const writer = writable.getWriter()
    await writer.write(new TextEncoder().encode('grant_type='))
    // Another request on another connection shows that the first one has had time to arrive.
    await fetch(serving.ready['jwks_uri'] ?? '').then((response) => response.text())
    const ended = serving.stop()
    await writer.write(new TextEncoder().encode('client_credentials'))
    await writer.close()
    expect((await answer).status).toBe(200)
    expect(await ended).toBe(0)
  })

  it('stopped by SIGTERM in the middle of requests, loses nothing of what it answered', async () => {
    using folder = temporaryFolder()
    const answered = await stopUnderLoad(['--db', folder.file('a.db')])
    await expectNothingLost(sqliteStore({ path: folder.file('a.db') }), answered)
  })
})

describe('countersign serve, as an operator needs it', () => {
  it('explains a refusal by the identifier that the client was shown', async () => {
    using folder = temporaryFolder()
    const env = { COUNTERSIGN_DB: folder.file('a.db') }
    await using server = await startCommand(['serve', '--port', '0'], { env })
    const { issuer = '' } = server.ready
    const refused = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('nobody:marker-secret')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    })
    const { correlation_id: id = '' } = (await refused.json()) as { correlation_id?: string }
    await expect
      .poll(async () => (await runCommand(['explain', id], { env })).code, { timeout: 5000 })
      .toBe(0)
    const { stdout } = await runCommand(['explain', id], { env })
    expect(stdout).toMatch(/^client_unknown, .+\n/)
    expect(stdout).toMatch(/\ncure: .+\n$/)
    expect(stdout).not.toContain('marker')
    expect(JSON.parse((await runCommand(['explain', id, '--json'], { env })).stdout)).toMatchObject(
      {
        reason: 'client_unknown',
      },
    )
    expect((await runCommand(['explain', 'unheard-of'], { env })).code).toBe(7)
    // What the client prints is enough to ask by.
    const client = { COUNTERSIGN_CLIENT_ID: 'nobody', COUNTERSIGN_CLIENT_SECRET: 'marker-secret' }
    const { stderr } = await runCommand(['token', '--issuer', issuer], { env: client })
    expect(stderr).toMatch(/, correlation ID [\da-f-]{36}\n/)
  })

  it('explains in JSON by names in snake_case and times in ISO 8601, as everywhere', async () => {
    using folder = temporaryFolder()
    const env = { COUNTERSIGN_DB: folder.file('a.db') }
    const run = (line: string): Promise<Outcome> => runCommand(line.split(' '), { env })
    const made = await run('client create billing --create --json')
    const { client_secret: secret } = JSON.parse(made.stdout) as { client_secret: string }
    await run('client rotate billing --overlap 0')
    await using server = await startCommand(['serve', '--port', '0'], { env })
    const refused = await fetch(`${server.ready['issuer']}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`billing:${secret}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    })
    const { correlation_id: id = '' } = (await refused.json()) as { correlation_id?: string }
    await expect.poll(async () => (await run(`explain ${id}`)).code, { timeout: 5000 }).toBe(0)
    const { stdout } = await run(`explain ${id} --json`)
    expect(stdout).not.toMatch(/"[a-z_]*[A-Z]\w*":/)
    expect(JSON.parse(stdout)).toMatchObject({
      reason: 'secret_expired',
      client_id: 'billing',
      detail: {
        reason: 'secret_expired',
        credential_label: 'first',
        credential_id: expect.any(String),
        expired_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.+Z$/),
      },
    })
    const line = server
      .text()
      .stderr.split('\n')
      .find((one) => one.includes('token.refused'))
    expect(line).not.toMatch(/"[a-z_]*[A-Z]\w*":/)
    expect(JSON.parse(line ?? '')).toMatchObject({ detail: { credential_label: 'first' } })
  })

  it('serves metrics on a port of their own, and not on the public one', async () => {
    using folder = temporaryFolder()
    const env = { COUNTERSIGN_DB: folder.file('a.db') }
    const port = await freePort()
    const argv = ['serve', '--port', '0', '--metrics-port', String(port)]
    await using server = await startCommand(argv, { env })
    const metrics = await fetch(`http://127.0.0.1:${port}/metrics`)
    expect([metrics.status, await metrics.text()]).toEqual([
      200,
      expect.stringMatching(/countersign_.+# EOF\n$/s),
    ])
    expect((await fetch(`${server.ready['issuer']}/metrics`)).status).toBe(404)
  })

  it('serves the FAPI 2.0 profile: no secret is taken', async () => {
    using folder = temporaryFolder()
    const env = { COUNTERSIGN_DB: folder.file('a.db') }
    await using server = await startCommand(['serve', '--port', '0', '--profile', 'fapi2'], { env })
    const { issuer = '' } = server.ready
    const response = await fetch(`${issuer}/.well-known/oauth-authorization-server`)
    const { token_endpoint_auth_methods_supported: methods } = (await response.json()) as {
      token_endpoint_auth_methods_supported: readonly string[]
    }
    expect(methods).toContain('private_key_jwt')
    expect(methods).not.toContain('client_secret_basic')
  })

  it.each([
    ['--profile', 'fapi1'],
    ['--client-certificates', 'apache'],
    ['--client-certificates', 'rfc9440', '--trusted-proxy', 'everybody'],
    ['--metrics-port', '70000'],
  ])('refuses %s %s', async (...argv) => {
    using folder = temporaryFolder()
    const db = folder.file('a.db')
    const { code, stderr } = await runCommand(['serve', '--port', '0', ...argv], {
      env: { COUNTERSIGN_DB: db },
    })
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^error: .+\ncure: .+\n$/)])
  })
})
