import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { handClock } from '@countersign/testkit'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { vaultServer, type VaultState } from '../../../test/vault-server.ts'
import { fromFile } from './from-file.ts'
import { fromVault, type VaultOptions } from './from-vault.ts'

const appRole = { roleId: 'role-1', secretId: 'sid-1' }

async function vaultWith(state: Partial<VaultState>, options: Partial<VaultOptions> = {}) {
  const clock = handClock()
  const { vault, server } = await vaultServer({
    now: clock.now,
    secretIds: new Map([['sid-1', 100]]),
    secrets: new Map([['team/billing', { client_secret: 'one', other: 'x' }]]),
    ...state,
  })
  const source = fromVault({
    address: server.origin,
    path: 'team/billing',
    auth: appRole,
    now: clock.now,
    ...options,
  })
  const paths = (): string[] => server.requests.map(({ path }) => path.replace('/v1/', ''))
  return { clock, vault, server, source, paths }
}

const LOGIN = 'auth/approle/login'
const RENEW = 'auth/token/renew-self'
const READ = 'secret/data/team/billing'

describe('fromVault', () => {
  it('logs in once with an AppRole, then reads the secret at each call', async () => {
    const { source, server, vault, paths } = await vaultWith({})
    expect(await source()).toEqual(['one'])
    vault.secrets.set('team/billing', { client_secret: 'two' })
    expect(await source()).toEqual(['two'])
    expect(paths()).toEqual([LOGIN, READ, READ])
    const [login, read] = server.requests
    expect(JSON.parse(login?.body ?? '')).toEqual({ role_id: 'role-1', secret_id: 'sid-1' })
    expect(login?.headers.has('x-vault-token')).toBe(false)
    expect(read?.headers.get('x-vault-token')).toBe('hvs.token-1')
    expect(read?.headers.get('x-vault-request')).toBe('true')
  })

  it('shares one login among callers of one moment', async () => {
    const { source, paths } = await vaultWith({})
    await Promise.all([source(), source(), source()])
    expect(paths().filter((path) => path === LOGIN)).toHaveLength(1)
  })

  it('shares no login where a promise must not cross requests, and keeps what came', async () => {
    vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' })
    onTestFinished(() => void vi.unstubAllGlobals())
    const { source, paths } = await vaultWith({})
    await Promise.all([source(), source()])
    await source()
    expect(paths().filter((path) => path === LOGIN)).toHaveLength(2)
  })

  it('renews its token at half of its life, so that a login good for one use is enough', async () => {
    const { source, clock, paths } = await vaultWith({ secretIds: new Map([['sid-1', 1]]) })
    await source()
    for (let minutes = 0; minutes < 20; minutes += 4) {
      clock.advance(240_000)
      expect(await source()).toEqual(['one'])
    }
    expect(paths().filter((path) => path === RENEW).length).toBeGreaterThanOrEqual(2)
    expect(paths().filter((path) => path === LOGIN)).toHaveLength(1)
  })

  it('logs in again before its token reaches its longest life', async () => {
    const { source, clock, paths } = await vaultWith({ longest: 900 })
    for (let minutes = 0; minutes <= 30; minutes += 1) {
      expect(await source()).toEqual(['one'])
      clock.advance(60_000)
    }
    expect(paths().filter((path) => path === LOGIN).length).toBeGreaterThanOrEqual(2)
    expect(paths().filter((path) => path === READ)).toHaveLength(31)
  })

  it('logs in again where its token has ended by the clock, without sending it', async () => {
    const { source, clock, paths } = await vaultWith({ renewable: false })
    await source()
    clock.advance(601_000)
    await source()
    expect(paths()).toEqual([LOGIN, READ, LOGIN, READ])
  })

  it('logs in again, once, where its token is refused before its end', async () => {
    const { source, vault, paths } = await vaultWith({})
    await source()
    vault.tokens.clear()
    expect(await source()).toEqual(['one'])
    expect(paths()).toEqual([LOGIN, READ, READ, LOGIN, READ])
  })

  it('goes on with its token while it cannot be renewed', async () => {
    const { source, clock, paths } = await vaultWith(
      {},
      {
        fetch: (input, init) =>
          input instanceof URL && input.href.endsWith(RENEW)
            ? Promise.reject(new Error('cut'))
            : fetch(input, init),
      },
    )
    await source()
    clock.advance(400_000)
    expect(await source()).toEqual(['one'])
    expect(paths()).toEqual([LOGIN, READ, READ])
    clock.advance(200_000)
    expect(await source()).toEqual(['one'])
    expect(paths().slice(3)).toEqual([LOGIN, READ])
  })

  it('says of a sealed Vault that it may do later', async () => {
    const { source } = await vaultWith({ sealed: true })
    await expect(source()).rejects.toMatchObject({
      code: 'ERR_CREDENTIAL',
      status: 503,
      retryable: true,
    })
  })

  it('logs in with the service account token that is in the file at that moment', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'countersign-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const jwtFile = join(folder, 'token')
    await writeFile(jwtFile, 'jwt-1')
    const { source, clock, vault, server } = await vaultWith(
      { jwts: new Set(['jwt-1']), renewable: false },
      { auth: { kubernetesRole: 'billing', jwtFile } },
    )
    expect(await source()).toEqual(['one'])
    await writeFile(jwtFile, 'jwt-2')
    vault.jwts.clear()
    vault.jwts.add('jwt-2')
    clock.advance(601_000)
    expect(await source()).toEqual(['one'])
    const logins = server.requests.filter(({ path }) => path === '/v1/auth/kubernetes/login')
    expect(logins.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      { role: 'billing', jwt: 'jwt-1' },
      { role: 'billing', jwt: 'jwt-2' },
    ])
  })

  it('looks up the life of a token it was given, renews it, and reads it anew when it is refused', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'countersign-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const sink = join(folder, 'sink')
    await writeFile(sink, 'hvs.agent-1\n')
    const { source, clock, vault, paths } = await vaultWith({}, { auth: { token: fromFile(sink) } })
    const lease = () => ({ endsAt: clock.now() + 600_000, lastAt: clock.now() + 3_600_000 })
    vault.tokens.set('hvs.agent-1', lease())
    await source()
    clock.advance(301_000)
    await source()
    expect(paths()).toEqual(['auth/token/lookup-self', READ, RENEW, READ])
    vault.tokens.clear()
    vault.tokens.set('hvs.agent-2', lease())
    await writeFile(sink, 'hvs.agent-2')
    expect(await source()).toEqual(['one'])
  })

  it('sends the namespace with every call', async () => {
    const { source, server } = await vaultWith({ namespace: 'team-a' }, { namespace: 'team-a' })
    await source()
    expect(server.requests.map(({ headers }) => headers.get('x-vault-namespace'))).toEqual([
      'team-a',
      'team-a',
    ])
  })

  it('reads several live fields, leaving out those that are not there yet', async () => {
    const { source, vault } = await vaultWith({}, { field: ['current', 'next'] })
    vault.secrets.set('team/billing', { current: 'one' })
    expect(await source()).toEqual(['one'])
    vault.secrets.set('team/billing', { current: 'one', next: 'two' })
    expect(await source()).toEqual(['one', 'two'])
  })

  it.each<[string, Partial<VaultState>, Partial<VaultOptions>, string]>([
    ['a path without a secret', { secrets: new Map() }, {}, 'could not be read: 404'],
    ['a deleted version', { secrets: new Map([['team/billing', null]]) }, {}, 'read: 404'],
    ['a missing field', {}, { field: 'password' }, 'has no field password'],
    ['a refused login', { secretIds: new Map() }, {}, 'answered 400 to the login auth/approle'],
    ['a token that may not read', {}, { auth: { token: 'hvs.none' } }, 'could not be read: 403'],
  ])('says what is wrong with %s', async (_, state, options, message) => {
    const { source } = await vaultWith(state, options)
    await expect(source()).rejects.toMatchObject({
      code: 'ERR_CREDENTIAL',
      phase: 'credential',
      message: expect.stringContaining(message),
    })
  })

  it('follows no redirect, so that the token stays where it belongs', async () => {
    const { source } = await vaultWith(
      {},
      { fetch: async () => Response.redirect('https://other.example/v1/x', 307) },
    )
    await expect(source()).rejects.toMatchObject({ code: 'ERR_RESPONSE_REDIRECT' })
  })

  it('keeps secrets and tokens out of its errors', async () => {
    const markers = ['marker-sid', 'hvs.marker', 'marker-secret']
    const marked = { roleId: 'role-1', secretId: 'marker-sid' }
    const secrets = new Map([['team/billing', { other: 'marker-secret' }]])
    for (const options of [
      { auth: marked },
      { auth: { token: 'hvs.marker' } },
      {
        auth: marked,
        fetch: async (_: unknown, init?: RequestInit) => {
          throw new Error(inspect(init))
        },
      },
    ]) {
      for (const secretIds of [new Map<string, number>(), new Map([['marker-sid', 9]])]) {
        const { source } = await vaultWith({ secrets, secretIds }, options)
        const error = await Promise.resolve(source()).catch((reason: unknown) => reason)
        expect(error).toBeInstanceOf(Error)
        for (const marker of markers) expect(inspect(error, { depth: 9 })).not.toContain(marker)
      }
    }
  })

  it.each<[string, Record<string, unknown>]>([
    ['address', { address: 'http://vault.example' }],
    ['address', { address: undefined }],
    ['path', { path: '../sys/seal' }],
    ['path', { path: '/team/billing' }],
    ['mount', { mount: 'secret//x' }],
    ['field', { field: [] }],
    ['auth', { auth: {} }],
    ['auth.secretId', { auth: { roleId: 'a' } }],
    ['namespace', { namespace: 'a\nb' }],
    ['pth', { pth: 'x' }],
  ])('refuses a wrong %s at once', (option, wrong) => {
    const options = { address: 'https://vault.example', path: 'a', auth: { token: 't' }, ...wrong }
    expect(() => fromVault(options as never)).toThrow(expect.objectContaining({ option }))
  })

  it('keeps odd characters of a path in their part', async () => {
    const { source, paths } = await vaultWith({}, { path: 'a b/c?d#e%2f' })
    await expect(source()).rejects.toMatchObject({ status: 404 })
    expect(paths().at(-1)).toBe('secret/data/a%20b/c%3Fd%23e%252f')
  })
})
