import { generateKeyPairSync, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runCommand, startCommand, type Outcome } from './run-command.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A running server looks for changes once in a while. */
const PATIENT = { timeout: 5000 }

/** A registry with a client and an API, in a folder of its own. */
async function registry(): Promise<
  Disposable & {
    file(name: string): string
    run(...argv: readonly string[]): Promise<Outcome>
    json(...argv: readonly string[]): Promise<Record<string, unknown>>
    readonly env: Readonly<Record<string, string>>
  }
> {
  const folder = temporaryFolder()
  const env = { COUNTERSIGN_DB: folder.file('a.db') }
  const run = (...argv: readonly string[]): Promise<Outcome> => runCommand(argv, { env })
  await run('client', 'create', 'billing', '--create')
  await run('resource', 'create', 'urn:orders', '--scope', 'read')
  await run('grant', 'billing', 'urn:orders', 'read')
  return {
    file: folder.file,
    run,
    env,
    async json(...argv) {
      const { code, stdout, stderr } = await run(...argv, '--json')
      if (code !== 0) throw new Error(stderr)
      return JSON.parse(stdout) as Record<string, unknown>
    },
    [Symbol.dispose]: folder[Symbol.dispose],
  }
}

describe('countersign credential', () => {
  it('adds a key that gets a token, and takes it away again', async () => {
    using here = await registry()
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    writeFileSync(here.file('key.pem'), publicKey.export({ format: 'pem', type: 'spki' }))
    const added = await here.json(
      'credential',
      'add',
      'billing',
      `--public-key=${here.file('key.pem')}`,
    )
    expect(added).not.toHaveProperty('client_secret')
    const id = String(added['credential_id'])

    await using server = await startCommand(['serve', '--port', '0'], { env: here.env })
    const { issuer = '' } = server.ready
    const ask = async (): Promise<number> => {
      const segment = (members: object): string =>
        Buffer.from(JSON.stringify(members)).toString('base64url')
      const at = Math.floor(Date.now() / 1000)
      const times = { iat: at, exp: at + 60, jti: crypto.randomUUID() }
      const claims = { iss: 'billing', sub: 'billing', aud: issuer, ...times }
      const input = `${segment({ alg: 'ES256' })}.${segment(claims)}`
      const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const
      const signature = sign('sha256', Buffer.from(input), key).toString('base64url')
      const { status } = await fetch(`${issuer}/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: `${input}.${signature}`,
        }),
      })
      return status
    }
    expect(await ask()).toBe(200)
    const { stdout } = await here.run('credential', 'list', 'billing')
    expect(stdout).toMatch(/billing +\S+ +secret +first +active +never +no\n/)
    expect(stdout).toContain('public key')
    expect((await here.run('credential', 'disable', id)).stdout).toBe(
      `credential ${id} disabled; a running server sees it within a second\n`,
    )
    await expect.poll(ask, PATIENT).toBe(401)
    await here.run('credential', 'enable', id)
    await expect.poll(ask, PATIENT).toBe(200)
    await here.run('client', 'methods', 'billing', 'client_secret_basic')
    await expect.poll(ask, PATIENT).toBe(401)
    await here.run('client', 'methods', 'billing', '--any')
    expect((await here.run('credential', 'retire', id)).stdout).toMatch(/ends (just|right) now/)
    await expect.poll(ask, PATIENT).toBe(401)
  })

  it('makes a client without a secret, and gives it one that is shown once', async () => {
    using here = await registry()
    const created = await here.run('client', 'create', 'pod', '--no-secret')
    expect(created.stdout).not.toContain('secret:')
    const added = await here.run('credential', 'add', 'pod')
    expect(added.stdout).toMatch(/^secret: \S+$/m)
    const rotated = await here.run('credential', 'rotate', 'pod', '--overlap', '1h')
    expect(rotated.stdout).toContain('the older ones end in')
  })

  it('takes a secret from standard input, and never prints it', async () => {
    using here = await registry()
    const secret = 'marker-imported-secret'
    const { code, stdout, stderr } = await runCommand(
      ['credential', 'add', 'billing', '--import-secret', '-'],
      { env: here.env, stdin: `${secret}\n` },
    )
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).not.toContain(secret)
    expect((await here.run('credential', 'list')).stdout).toContain('imported secret')
  })

  it('gives a client no more than 50, by whichever command, and says what to do', async () => {
    using here = await registry()
    for (let count = 1; count < 50; count++) await here.run('client', 'rotate', 'billing')
    for (const command of [
      ['credential', 'add', 'billing'],
      ['credential', 'add', 'billing', '--dry-run'],
      ['client', 'rotate', 'billing'],
      ['credential', 'rotate', 'billing'],
    ]) {
      const { code, stdout, stderr } = await here.run(...command)
      expect([code, stdout]).toEqual([7, ''])
      expect(stderr).toContain('error: a client may have 50 credentials that are not retired')
      expect(stderr).toContain('cure: Retire one that is not used any more: countersign')
    }
    expect((await here.run('client', 'rotate', 'billing', '--overlap', '0')).code).toBe(0)
  })

  it('says what may stand in the place of a method, and of the name in a certificate', async () => {
    using here = await registry()
    const methods = await here.run('client', 'methods', 'billing', 'telepathy')
    expect(methods.stderr).toMatch(/^error: the methods must be some of client_secret_basic, /)
    const named = await here.run('credential', 'add', 'billing', '--subject-dn', 'nobody')
    expect(named.stderr).toContain('the name in the certificate must be a distinguished name')
    const blanks = await here.run('credential', 'add', 'billing', '--san-dns', '  x')
    expect([blanks.code, blanks.stderr]).toEqual([
      2,
      expect.stringMatching(
        /^error: the name in the certificate must be a DNS name without blanks .+\ncure: Write it as the certificate has it: openssl /,
      ),
    ])
  })

  it('says by its own names what is wrong with a credential', async () => {
    using here = await registry()
    writeFileSync(here.file('not-a-key'), 'nothing')
    for (const [option, file] of [
      ['--public-key', here.file('not-a-key')],
      ['--certificate', here.file('not-a-key')],
      ['--jwks-uri', 'ftp://nowhere'],
    ] as const) {
      const { code, stderr } = await here.run('credential', 'add', 'billing', option, file)
      expect(code).toBe(2)
      expect(stderr.split('\n')).toEqual([
        expect.stringContaining(`error: ${option} `),
        `cure: Check ${option}`,
        '',
      ])
    }
  })

  it('lets a workload in by an issuer that is trusted, and not by another', async () => {
    using here = await registry()
    const issuer = 'https://ci.example.test'
    const identity = ['--trusted-issuer', issuer, '--subject', 'repo:a/b', '--claim', 'ref=main']
    const before = await here.run('credential', 'add', 'billing', ...identity)
    expect(before.code).toBe(7)
    await here.run('issuer', 'create', issuer, '--name', 'CI')
    expect((await here.run('credential', 'add', 'billing', ...identity)).code).toBe(0)
    expect((await here.run('issuer', 'list')).stdout).toMatch(
      /https:\/\/ci\.example\.test +CI +active +by its metadata/,
    )
    expect((await here.run('issuer', 'disable', issuer)).stdout).toContain('disabled')
    expect((await here.run('issuer', 'enable', issuer)).stdout).toContain('enabled')
  })

  it.each([
    [['credential', 'add', 'billing', '--jwks-uri', 'https://a.test/k', '--san-dns', 'x'], 2],
    [['credential', 'add', 'billing', '--trusted-issuer', 'https://a.test'], 2],
    [['credential', 'add', 'billing', '--san-uri', 'spiffe://example.org/x '], 2],
    [['credential', 'add', 'billing', '--label', ' ci'], 2],
    [['client', 'create', 'shipping', '--name', 'Shipping '], 2],
    [['client', 'rotate', 'billing', '--label', 'ci '], 2],
    [['credential', 'add', 'nobody'], 7],
    [['credential', 'retire', 'no-such-id'], 7],
    [['credential', 'list', 'nobody'], 7],
    [['client', 'methods', 'billing'], 2],
    [['client', 'methods', 'billing', 'telepathy'], 2],
    [['revoke', 'everything', 'x'], 2],
    [['revoke', 'client', 'nobody'], 7],
    [['key', 'revoke', 'nobody'], 7],
    [['resource', 'update', 'urn:orders'], 2],
    [['resource', 'update', 'urn:other', '--name', 'x'], 7],
  ])('refuses %j with exit code %i and a cure', async (argv, expected) => {
    using here = await registry()
    const { code, stdout, stderr } = await here.run(...argv)
    expect([code, stdout]).toEqual([expected, ''])
    expect(stderr).toMatch(/^error: .+\ncure: .+\n$/)
  })
})

describe('countersign resource, key and revoke', () => {
  it('changes what tokens of an API are', async () => {
    using here = await registry()
    expect(await here.json('resource', 'update', 'urn:orders', '--format', 'opaque')).toMatchObject(
      {
        token_format: 'opaque',
        scopes: ['read'],
      },
    )
    expect((await here.run('resource', 'disable', 'urn:orders')).stdout).toContain('disabled')
    expect((await here.run('resource', 'enable', 'urn:orders')).stdout).toContain('enabled')
    expect(
      await here.json('grant', 'billing', 'urn:orders', 'read', '--lifetime', '60'),
    ).toMatchObject({ scopes: ['read'] })
  })

  it('ends tokens, and lists what was ended', async () => {
    using here = await registry()
    expect((await here.run('revoke', 'client', 'billing')).stdout).toContain('client billing')
    expect((await here.run('revoke', 'token', 'jti-1')).stdout).toBe('revoked: the token jti-1\n')
    expect((await here.run('revocation', 'list')).stdout).toMatch(/client +billing/)
    const list = (await here.json('revocation', 'list')) as unknown as readonly { id: string }[]
    expect(list.map(({ id }) => id).toSorted()).toEqual(['billing', 'jti-1'])
  })

  it('takes the token itself for its identifier, and shows it nowhere', async () => {
    using here = await registry()
    const segment = (members: object): string =>
      Buffer.from(JSON.stringify(members)).toString('base64url')
    const jwt = (claims: object): string => `${segment({ alg: 'ES256' })}.${segment(claims)}.AAAA`
    const given = jwt({ jti: 'jti-given', iss: 'x' })
    const piped = jwt({ jti: 'jti-piped', iss: 'x' })
    const outcomes = [
      await here.run('revoke', 'token', given),
      await runCommand(['revoke', 'token', '-'], { env: here.env, stdin: `Bearer ${piped}\n` }),
    ]
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0])
    expect(JSON.stringify(outcomes)).not.toMatch(/AAAA|eyJ/)
    const list = (await here.json('revocation', 'list')) as unknown as readonly { id: string }[]
    expect(list.map(({ id }) => id).toSorted()).toEqual(['jti-given', 'jti-piped'])
    for (const token of [jwt({ iss: 'x' }), 'cst_marker']) {
      const { code, stderr } = await here.run('revoke', 'token', token)
      expect([code, stderr]).toEqual([2, expect.not.stringMatching(/AAAA|marker/)])
    }
  })

  it('knows an opaque token and a client secret that were given for one, and keeps neither', async () => {
    using here = await registry()
    await here.run('resource', 'update', 'urn:orders', '--format', 'opaque')
    const made = await here.json('client', 'rotate', 'billing')
    await using server = await startCommand(['serve', '--port', '0'], { env: here.env })
    const client = {
      COUNTERSIGN_ISSUER: server.ready['issuer'] ?? '',
      COUNTERSIGN_CLIENT_ID: 'billing',
      COUNTERSIGN_CLIENT_SECRET: String(made['client_secret']),
    }
    const token = (await runCommand(['token'], { env: client })).stdout.trim()
    for (const [given, message] of [
      [token, 'an opaque token does not say its identifier'],
      [`DPoP ${token}`, 'an opaque token does not say its identifier'],
      [client.COUNTERSIGN_CLIENT_SECRET, 'this is a client secret, not a token'],
    ] as const) {
      const { code, stdout, stderr } = await here.run('revoke', 'token', given)
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toContain(message)
      expect(stderr).not.toContain(given.slice(-20))
    }
    expect(await here.json('revocation', 'list')).toEqual([])
  })

  it('ends a signing key that leaked; another signs', async () => {
    using here = await registry()
    await using server = await startCommand(['serve', '--port', '0'], { env: here.env })
    const keys = (await here.json('key', 'list')) as unknown as readonly { kid: string }[]
    const kid = keys[0]?.kid ?? ''
    const { successor } = await here.json('key', 'revoke', kid)
    await expect
      .poll(async () => {
        const response = await fetch(`${server.ready['issuer']}/jwks`)
        return ((await response.json()) as { keys: readonly { kid: string }[] }).keys.map(
          (key) => key.kid,
        )
      }, PATIENT)
      .toEqual([successor])
    // Whenever they were issued: no date is made up.
    expect(await here.json('revocation', 'list')).toMatchObject([{ id: kid, issued_until: null }])
    expect((await here.run('revocation', 'list')).stdout).toMatch(/ whenever +in \d+ days\n/)
    expect(await here.json('key', 'reseal')).toEqual({ resealed: [], unopened: [] })
  })
})
