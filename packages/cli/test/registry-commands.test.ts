import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { isGeneratedSecret } from '@countersign/server'
import { describe, expect, it } from 'vitest'
import { NOW, ownRegistry } from './own-registry.ts'
import { clientEnv, runCommand, startCommand, type Outcome } from './run-command.ts'

const HOUR = 3_600_000

describe('countersign client', () => {
  it('creates a client, prints its secret once and lists it without', async () => {
    using here = ownRegistry()
    const created = await here.run('client create billing --name Billing --create')
    expect(created).toMatchObject({ code: 0, stderr: '' })
    const secret = /^secret: (\S+)$/m.exec(created.stdout)?.[1] ?? ''
    expect(isGeneratedSecret(secret)).toBe(true)
    expect(created.stdout.split(secret)).toHaveLength(2)
    const listed = await here.run('client list')
    expect(listed.stdout).toBe(
      'CLIENT   NAME     STATE   CREDENTIALS    MAY\n' +
        'billing  Billing  active  first: active  nothing\n',
    )
    const json = await here.run('client list --json')
    expect(JSON.parse(json.stdout)).toMatchObject([
      { client_id: 'billing', state: 'active', created_at: '2026-01-01T00:00:00.000Z' },
    ])
    expect(listed.stdout + json.stdout).not.toContain(secret)
  })

  it('writes a secret to a file that only its owner may read, and prints none', async () => {
    using here = ownRegistry()
    const file = here.file('billing.secret')
    const { code, stdout } = await here.run(
      `client create billing --create --secret-file ${file} --json`,
    )
    expect(code).toBe(0)
    const secret = readFileSync(file, 'utf8')
    expect(isGeneratedSecret(secret.trimEnd())).toBe(true)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(stdout).not.toContain(secret.trimEnd())
    expect(JSON.parse(stdout)).toMatchObject({ client_id: 'billing', client_secret_file: file })
  })

  it('never writes a secret over a file, and makes no client then', async () => {
    using here = ownRegistry()
    await here.run('client create other --create')
    writeFileSync(here.file('kept'), 'kept')
    const { code, stderr } = await here.run(
      `client create billing --secret-file ${here.file('kept')}`,
    )
    expect(code).toBe(8)
    expect(stderr).toContain('exists and is not overwritten')
    expect(readFileSync(here.file('kept'), 'utf8')).toBe('kept')
    expect((await here.run('client list')).stdout).not.toContain('billing')
  })

  it('leaves no secret file behind where the client cannot be made', async () => {
    using here = ownRegistry()
    await here.run('client create billing --create')
    const { code } = await here.run(`client create billing --secret-file ${here.file('s')}`)
    expect(code).toBe(7)
    expect(statSync(here.file('s'), { throwIfNoEntry: false })).toBeUndefined()
  })

  it('rotates with an overlap, and tells in words when the old secret ends', async () => {
    using here = ownRegistry()
    await here.run('client create billing --create')
    const rotated = await here.run('client rotate billing --overlap 12h')
    expect(rotated.stdout).toContain('the older ones end in 12 hours\nsecret: csgn_')
    const soon = await here.run('client list', NOW + HOUR)
    expect(soon.stdout).toContain('first: active, expires in 11 hours')
    expect(soon.stdout).toContain('rotated: active')
    const later = await here.run('client list', NOW + 14 * HOUR)
    expect(later.stdout).toContain('first: expired 2 hours ago')
  })

  it('rotates with a day of overlap unless told otherwise, and at once with 0', async () => {
    using here = ownRegistry()
    await here.run('client create billing --create')
    expect((await here.run('client rotate billing')).stdout).toContain('end in 24 hours')
    expect((await here.run('client rotate billing --overlap 0')).stdout).toContain('have ended')
    expect((await here.run('client list', NOW + 1000)).stdout).toContain('first: expired 1 second')
  })

  it('disables and enables', async () => {
    using here = ownRegistry()
    await here.run('client create billing --create')
    expect((await here.run('client disable billing')).stdout).toBe(
      'client billing disabled; a running server sees it within a second\n',
    )
    expect((await here.run('client list')).stdout).toContain('disabled')
    const enabled = await here.run('client enable billing --json')
    expect(JSON.parse(enabled.stdout)).toEqual({ client_id: 'billing', state: 'active' })
  })
})

describe('countersign resource and grant', () => {
  it('register an API and say what a client may do there', async () => {
    using here = ownRegistry()
    const uri = 'https://api.example.com/orders'
    const created = await here.run(
      `resource create ${uri} --scope read --scope write --lifetime 300 --name Orders --create`,
    )
    expect(created.stdout).toContain(`next: countersign grant CLIENT ${uri} read write\n`)
    await here.run('client create billing')
    expect((await here.run(`grant billing ${uri} read`)).stdout).toBe(
      `client billing may at ${uri}: read\n`,
    )
    expect((await here.run('client list')).stdout).toContain(`${uri}: read\n`)
    expect((await here.run('resource list')).stdout).toBe(
      'RESOURCE                        NAME    STATE   TOKENS LIVE  SCOPES\n' +
        `${uri}  Orders  active  5 minutes    read write\n`,
    )
    const taken = await here.run(`grant billing ${uri} --none --json`)
    expect(JSON.parse(taken.stdout)).toEqual({ client_id: 'billing', resource: uri, scopes: [] })
    expect((await here.run('client list')).stdout).toContain('nothing')
    expect(JSON.parse((await here.run('resource list --json')).stdout)).toMatchObject([
      { resource: uri, scopes: ['read', 'write'], token_lifetime_seconds: 300 },
    ])
  })
})

describe('scopes on the command line', () => {
  it('may stand in one text, as in a token', async () => {
    using here = ownRegistry()
    const command = (...argv: string[]): Promise<Outcome> =>
      runCommand(argv, { env: { COUNTERSIGN_DB: here.file('a.db') }, now: () => NOW })
    const uri = 'https://api.example.com/orders'
    const created = await command('resource', 'create', uri, '--scope', 'a b', '--create')
    expect(created.stdout).toContain(`resource ${uri} created: a b\n`)
    await command('client', 'create', 'billing')
    const granted = await command('grant', 'billing', uri, 'a b')
    expect(granted.stdout).toBe(`client billing may at ${uri}: a b\n`)
    expect(await command('grant', 'billing', uri, ' ')).toMatchObject({ code: 2 })
  })
})

describe('countersign key', () => {
  it('announces a key, and lists which one signs, is announced, kept and gone', async () => {
    using here = ownRegistry()
    await here.run('resource create https://a.example --scope a --create')
    await here.run('key rotate --announce 0')
    const rotated = await here.run('key rotate --json')
    expect(JSON.parse(rotated.stdout)).toMatchObject({ signs_from: '2026-01-01T00:10:00.000Z' })
    const states = async (at: number): Promise<readonly string[]> => {
      const { stdout } = await here.run('key list --json', at)
      return (JSON.parse(stdout) as { state: string }[]).map(({ state }) => state)
    }
    expect(await states(NOW)).toEqual(['signing', 'announced'])
    expect(await states(NOW + HOUR)).toEqual(['retained', 'signing'])
    expect(await states(NOW + 5 * HOUR)).toEqual(['withdrawn', 'signing'])
    const { stdout } = await here.run('key list', NOW + 60_000)
    expect(stdout).toContain('announced, signs in 9 minutes')
    expect(stdout).not.toMatch(/"d"|sealed/)
  })
})

describe('a registry that says no', () => {
  it.each([
    ['client create billing', 7, 'exists', 'countersign client rotate ID'],
    ['client rotate biling', 7, "did you mean 'billing'?", 'countersign client list'],
    ['client disable nobody-at-all', 7, 'no client', 'countersign client list'],
    ['grant billing https://b.example a', 7, "did you mean 'https://a.example'", 'resource list'],
    ['grant billing https://a.example x', 7, "has no scope 'x'", 'resource list'],
    ['resource create https://a.example --scope a', 7, 'exists', 'choose another URI'],
    ['resource create nothing --scope a', 2, 'the resource must be an absolute URI', 'Check'],
    ['resource create https://c.example', 2, '--scope must name at least one', 'Check --scope'],
    ['resource create https://c.example --scope a --lifetime 1h', 2, '--lifetime is not', 'digits'],
    ['client create a/b', 2, 'the client ID must be 1 to 128', 'Check the client ID'],
    ['client rotate billing --overlap 400d', 2, '--overlap is longer than 365d', 'at most 365d'],
    ['resource create https://c.example --scope ä', 2, '--scope must be', 'Check --scope'],
    ['issuer create notaurl', 2, 'the issuer is not an absolute URL', 'Check the issuer'],
    [
      'resource create https://c.example --scope a --bound x',
      2,
      '--bound must be',
      'Check --bound',
    ],
    ['client rotate billing --overlap soon', 2, '--overlap is not a span', '24h'],
    ['grant billing https://a.example', 2, 'either scopes or --none', 'SCOPE...'],
    ['client list --db nowhere.db', 8, 'there is no database at nowhere.db', 'countersign serve'],
    ['client list --db :memory:', 2, 'a database in memory', 'countersign dev'],
    ['client list --master-key-file gone', 8, 'there are no master keys at gone', 'back'],
  ])('answers %s with code %i: %s', async (line, expected, message, cure) => {
    using here = ownRegistry()
    await here.run('resource create https://a.example --scope a --create')
    await here.run('client create billing')
    const { code, stdout, stderr } = await here.run(line)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^error: .+\ncure: .+\n$/)
    const [what = '', how = ''] = stderr.split('\n')
    expect(what).toContain(message)
    expect(how).toContain(cure)
    expect(code).toBe(expected)
  })
})

describe('disable and enable', () => {
  it.each([
    ['client', 'client_id', 'billing', 'client list'],
    ['credential', 'credential_id', undefined, 'credential list'],
    ['resource', 'resource', 'https://a.example', 'resource list'],
    ['issuer', 'issuer', 'https://ci.example', 'issuer list'],
  ])(
    'turn a %s off and on again, and show either beforehand',
    async (noun, member, known, list) => {
      using here = ownRegistry()
      await here.run('resource create https://a.example --scope a --create')
      const client = JSON.parse((await here.run('client create billing --json')).stdout) as object
      await here.run('issuer create https://ci.example')
      const id = known ?? ('credential_id' in client ? String(client.credential_id) : '')
      const state = async (): Promise<unknown> =>
        (JSON.parse((await here.run(`${list} --json`)).stdout) as { state: string }[])[0]?.state
      for (const [verb, left] of [
        ['disable', 'disabled'],
        ['enable', 'active'],
      ] as const) {
        const before = await state()
        const planned = await here.run(`${noun} ${verb} ${id} --dry-run`)
        expect(planned.stdout).toContain(`"state":"${left}"`)
        expect(await state()).toBe(before)
        const made = await here.run(`${noun} ${verb} ${id}`)
        const stdout = `${noun} ${id} ${verb}d; a running server sees it within a second\n`
        expect(made).toEqual({ code: 0, stdout, stderr: '' })
        expect(await state()).toBe(left)
        const again = await here.run(`${noun} ${verb} ${id} --json`)
        expect(JSON.parse(again.stdout)).toEqual({ [member]: id, state: left })
      }
      expect(await here.run(`${noun} disable no-such-thing`)).toMatchObject({ code: 7, stdout: '' })
    },
  )
})

describe('countersign backup', () => {
  it('copies a database in use; the copy serves the same clients and keys', async () => {
    using here = ownRegistry()
    const argv = ['serve', '--port', '0', '--issuer', 'http://127.0.0.1:8460']
    const env = { COUNTERSIGN_DB: here.file('a.db') }
    await using server = await startCommand(argv, { env })
    const first = JSON.parse(server.text().stdout.split('\n', 1)[0] ?? '') as Record<string, string>
    // Written after the start: it may well be in the write-ahead log only.
    await here.run('client create late')
    const copied = await here.run(`backup ${here.file('copy.db')}`)
    expect(copied).toMatchObject({ code: 0, stderr: '' })
    expect(statSync(here.file('copy.db')).mode & 0o777).toBe(0o600)
    expect((await here.run(`backup ${here.file('copy.db')}`)).code).toBe(8)
    expect((await here.run(`backup ${here.file('x')} --db ${here.file('none.db')}`)).code).toBe(8)
    expect(existsSync(here.file('x'))).toBe(false)
    await server.stop()

    const restored = {
      COUNTERSIGN_DB: here.file('copy.db'),
      COUNTERSIGN_MASTER_KEYS: readFileSync(here.file('a.db.keys'), 'utf8'),
    }
    await using again = await startCommand(['serve', '--port', '0'], { env: restored })
    const { code } = await runCommand(['token'], {
      env: { ...clientEnv(first), ...clientIssuer(again.ready) },
    })
    expect(code).toBe(0)
    const { stdout } = await runCommand(['client', 'list'], { env: restored })
    expect(stdout).toContain('late')
    const keys = await Promise.all(
      [env, restored].map((one) => runCommand(['key', 'list', '--json'], { env: one })),
    )
    expect(keys[0]?.stdout).toBe(keys[1]?.stdout)
  })
})

function clientIssuer(ready: Readonly<Record<string, string>>): Record<string, string> {
  return { COUNTERSIGN_ISSUER: ready['issuer'] ?? '' }
}

describe('--db', () => {
  it('takes no password from the command line, and prints none', async () => {
    const url = 'postgres://auth:marker-password@db.example.test/countersign'
    const { code, stdout, stderr } = await runCommand(['client', 'list', '--db', url])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('PGPASSWORD')
    expect(stderr).not.toContain('marker-password')
  })
})
