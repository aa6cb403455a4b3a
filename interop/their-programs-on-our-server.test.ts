import { execFile, spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runClient, type ClientReport } from './clients/run-client.ts'
import { hasProgram } from './servers/machine.ts'
import { startOurServerAndApi, type OurServerAndApi } from './servers/our-server-and-api.ts'
import { hasPython } from './servers/python-server.ts'
import { makeTestPki } from './servers/test-pki.ts'

const hasRequestsOauthlib = hasPython(['requests_oauthlib'], 'python3-requests-oauthlib')
const hasAuthlib = hasPython(['authlib', 'requests'], 'python3-authlib')
const hasCurl = hasProgram('curl')
const pki = await makeTestPki()
const hasGo = hasGoOauth2()

/** The Go compiler with Debian's golang.org/x/oauth2. */
function hasGoOauth2(): boolean {
  const { status } = spawnSync('go', ['list', 'golang.org/x/oauth2/clientcredentials'], {
    env: goEnvironment(tmpdir()),
  })
  if (status !== 0) console.log('skipped: no go (golang-go golang-golang-x-oauth2-dev)')
  return status === 0
}

function goEnvironment(cache: string): Record<string, string> {
  const { PATH = '' } = process.env
  // Debian's packages are a GOPATH, and no module is ever fetched.
  return { PATH, GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOCACHE: join(cache, 'go-cache') }
}

function path(name: string): string {
  return join(import.meta.dirname, 'clients', name)
}

let ours: OurServerAndApi
beforeAll(async () => {
  ours = await startOurServerAndApi()
})
afterAll(() => ours[Symbol.asyncDispose]())

const READER = {
  token_type: 'Bearer',
  // Some of them count what is left.
  expires_in: expect.closeTo(3600, -1) as number,
  status: 200,
  body: { caller: 'billing', scopes: ['orders:read'] },
}

/** Fails where a program does not get a token and use it, or takes a refusal for something else. */
function itWorks(
  methods: readonly string[],
  command: () => readonly string[],
  env: Readonly<Record<string, string>> = {},
): void {
  it.each(methods)('obtains a token by %s and calls an API of ours with it', async (METHOD) => {
    const report = await runClient(command(), ours, { METHOD, SCOPE: 'orders:read', ...env })
    expect(report).toEqual(READER)
  })

  it('understands our refusals', async () => {
    const wrong = { ...ours, client: { ...ours.client, clientSecret: 'wrong' } }
    const method = { METHOD: methods[0] ?? '' }
    expect(await runClient(command(), wrong, { ...method, ...env })).toEqual({
      error: 'invalid_client',
    })
    const report = await runClient(command(), ours, { ...method, SCOPE: 'not:granted', ...env })
    expect(report).toEqual({ error: 'invalid_scope' })
  })
}

describe.runIf(hasRequestsOauthlib)('requests-oauthlib on our server', () => {
  itWorks(['client_secret_basic', 'client_secret_post'], () => [
    '/usr/bin/python3',
    path('requests_oauthlib_client.py'),
  ])
})

describe.runIf(hasAuthlib)('Authlib on our server', () => {
  itWorks(['client_secret_basic', 'client_secret_post'], () => [
    '/usr/bin/python3',
    path('authlib_client.py'),
  ])

  describe('that signs assertions', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const clientId = 'authlib'
    const keyed: Record<string, string> = {
      METHOD: 'private_key_jwt',
      PRIVATE_KEY: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    }
    const signing: Record<string, string> = { METHOD: 'client_secret_jwt' }
    let lenient: OurServerAndApi
    beforeAll(async () => {
      lenient = await startOurServerAndApi(undefined, {
        assertionAudience: 'issuer-or-token-endpoint',
      })
      const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString()
      for (const server of [ours, lenient]) {
        await server.addClient(clientId, { kind: 'public_key', publicKey: pem })
      }
    })
    afterAll(() => lenient[Symbol.asyncDispose]())

    const run = (
      server: OurServerAndApi,
      env: Readonly<Record<string, string>>,
    ): Promise<ClientReport> =>
      runClient(['/usr/bin/python3', path('authlib_client.py')], server, {
        CLIENT_ID: clientId,
        ...env,
      })
    const reader = { ...READER, body: { ...READER.body, caller: clientId } }

    it('obtains a token by private_key_jwt, told to be brief and to name the issuer', async () => {
      const brief = { ...keyed, LIFETIME: '60' }
      expect(await run(ours, { ...brief, AUDIENCE: ours.issuer })).toEqual(reader)
    })

    it('is refused as it comes: its assertions are for the endpoint, and last an hour', async () => {
      expect(await run(ours, { ...keyed, LIFETIME: '60' })).toEqual({ error: 'invalid_client' })
      expect(await run(ours, { ...keyed, AUDIENCE: ours.issuer })).toEqual({
        error: 'invalid_client',
      })
    })

    it('may name the token endpoint where the server is told to take that', async () => {
      expect(await run(lenient, { ...keyed, LIFETIME: '60' })).toEqual(reader)
    })

    it('obtains a token by client_secret_jwt', async () => {
      const CLIENT_SECRET = await ours.addClient('authlib-hmac', { kind: 'secret', sealed: true })
      const report = await run(ours, {
        ...signing,
        CLIENT_ID: 'authlib-hmac',
        CLIENT_SECRET: CLIENT_SECRET ?? '',
        LIFETIME: '60',
        AUDIENCE: ours.issuer,
      })
      expect(report).toEqual({ ...READER, body: { ...READER.body, caller: 'authlib-hmac' } })
    })
  })
})

describe.runIf(hasGo)('golang.org/x/oauth2 on our server', () => {
  let folder: string
  let program: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'go-client-'))
    program = join(folder, 'client')
    const built = spawnSync('go', ['build', '-o', program, path('client_credentials.go')], {
      env: goEnvironment(folder),
      encoding: 'utf8',
    })
    if (built.status !== 0) throw new Error(built.stderr)
  }, 120_000)
  afterAll(() => rm(folder, { recursive: true }))

  itWorks(['client_secret_basic', 'client_secret_post', 'whichever it finds'], () => [program])
})

describe.runIf(hasCurl)('curl on our server', () => {
  /** The body as JSON, and the status. */
  async function curl(...args: readonly string[]): Promise<readonly [number, unknown]> {
    const { stdout } = await promisify(execFile)('curl', ['-s', '-w', '\n%{http_code}', ...args])
    const end = stdout.lastIndexOf('\n')
    return [Number(stdout.slice(end)), JSON.parse(stdout.slice(0, end))]
  }

  const asked = ['-d', 'grant_type=client_credentials', '-d', 'scope=orders:read']

  it.each([
    ['Basic', ({ clientId, clientSecret }) => ['-u', `${clientId}:${clientSecret}`]],
    [
      'post',
      ({ clientId, clientSecret }) => [
        '-d',
        `client_id=${clientId}`,
        '-d',
        `client_secret=${clientSecret}`,
      ],
    ],
  ] satisfies [string, (client: OurServerAndApi['client']) => string[]][])(
    'obtains a token by %s and calls an API of ours with it',
    async (_, credentials) => {
      const { issuer, api, client } = ours
      const [issued, token] = await curl(...credentials(client), ...asked, `${issuer}/token`)
      expect([issued, token]).toMatchObject([200, { token_type: 'Bearer', expires_in: 3600 }])
      const { access_token } = token as { access_token: string }
      expect(await curl('--oauth2-bearer', access_token, api)).toEqual([200, READER.body])
    },
  )

  it('is refused with a wrong secret', async () => {
    const [status, refusal] = await curl('-u', 'billing:wrong', ...asked, `${ours.issuer}/token`)
    expect([status, refusal]).toMatchObject([401, { error: 'invalid_client' }])
  })
})

describe.runIf(pki !== undefined)('@azure/msal-node on our server, over TLS', () => {
  let folder: string
  let secure: OurServerAndApi
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'msal-'))
    await writeFile(join(folder, 'ca.pem'), pki?.ca ?? '')
    secure = await startOurServerAndApi(pki)
  })
  afterAll(async () => {
    await secure[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  const run = (
    server: OurServerAndApi,
    env: Readonly<Record<string, string>> = {},
  ): Promise<ClientReport> =>
    runClient([process.execPath, path('msal-client.ts')], server, {
      NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
      ...env,
    })

  it('obtains a token, keeps it, and calls an API of ours with it', async () => {
    expect(await run(secure)).toEqual({ ...READER, from_cache: true })
  })

  it('finds no server by discovery that has no authorization endpoint', async () => {
    const report = await run(secure, { METADATA: 'discovery' })
    expect(report).toEqual({ error: 'endpoints_resolution_error' })
  })

  it('understands our refusals', async () => {
    const client = { ...secure.client, clientSecret: 'wrong' }
    expect(await run({ ...secure, client })).toEqual({ error: 'invalid_client' })
  })
})
