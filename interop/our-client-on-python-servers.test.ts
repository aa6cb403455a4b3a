import { generateKeyPairSync } from 'node:crypto'
import { clientSecretJwt, privateKeyJwt } from '@countersign/client/authentication'
import { createClient } from '@countersign/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasPython, startPythonServer, type PythonServer } from './servers/python-server.ts'

// Beyond the unreserved characters, so that the two ways to write Basic credentials differ.
const SECRET = 'a:secret+with/odd%chars and blanks, long enough for HS256'

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

const hasAuthlib = hasPython(['authlib', 'flask'], 'python3-authlib python3-flask')
const hasDjango = hasPython(['oauth2_provider'], 'python3-django-oauth-toolkit')

describe.runIf(hasAuthlib)('our client on Authlib, which does not decode Basic credentials', () => {
  let server: PythonServer
  beforeAll(async () => {
    server = await startPythonServer('authlib_server.py', {
      secret: SECRET,
      args: [JSON.stringify(publicKey.export({ format: 'jwk' }))],
    })
  })
  afterAll(() => server[Symbol.asyncDispose]())
  const options = (clientId: string) => ({
    tokenEndpoint: `${server.origin}/token`,
    clientId,
    clientSecret: SECRET,
    scope: 'read',
  })

  it('is refused with encoded credentials, and told the cure, which works', async () => {
    const encoded = createClient(options('basic-client'))
    await expect(encoded.getToken()).rejects.toMatchObject({
      oauth: { error: 'invalid_client' },
      hint: expect.stringContaining("set basicEncoding to 'raw'"),
    })
    const raw = createClient({ ...options('basic-client'), basicEncoding: 'raw' })
    // Ten days, its default.
    expect(await raw.getToken()).toMatchObject({ type: 'Bearer', scope: ['read'] })
  })

  it.each([
    [
      'client_secret_jwt',
      'jwt-client',
      clientSecretJwt({ clientSecret: SECRET, audience: 'token_endpoint' }),
    ],
    [
      'private_key_jwt',
      'key-client',
      privateKeyJwt({ key: PEM, alg: 'RS256', audience: 'token_endpoint' }),
    ],
  ])(
    'obtains a token by %s, to the audience it insists on',
    async (_, clientId, clientAuthentication) => {
      const { tokenEndpoint, scope } = options(clientId)
      const client = createClient({ tokenEndpoint, clientId, clientAuthentication, scope })
      expect(await client.getToken()).toMatchObject({ type: 'Bearer', scope: ['read'] })
    },
  )

  it('obtains a token by post', async () => {
    const client = createClient({ ...options('post-client'), authMethod: 'client_secret_post' })
    expect(await client.getToken()).toMatchObject({ scope: ['read'] })
  })
})

describe.runIf(hasDjango)(
  'our client on Django OAuth Toolkit, which decodes Basic credentials',
  () => {
    let server: PythonServer
    beforeAll(async () => {
      server = await startPythonServer('django_server.py', { secret: SECRET })
    }, 60_000)
    afterAll(() => server[Symbol.asyncDispose]())
    const options = () => ({
      tokenEndpoint: `${server.origin}/o/token/`,
      clientId: 'basic-client',
      clientSecret: SECRET,
      scope: ['read', 'write'],
    })

    it.each(['client_secret_basic', 'client_secret_post'] as const)(
      'obtains an opaque token by %s',
      async (authMethod) => {
        const token = await createClient({ ...options(), authMethod }).getToken()
        expect(token).toMatchObject({ type: 'Bearer', scope: ['read', 'write'] })
        expect(token.expiresAt).toBe(token.obtainedAt + 36_000_000)
      },
    )

    it('is told that the path is wrong when the slash at its end is missing', async () => {
      const client = createClient({ ...options(), tokenEndpoint: `${server.origin}/o/token` })
      await expect(client.getToken()).rejects.toMatchObject({
        code: 'ERR_RESPONSE_STATUS',
        status: 404,
        hint: expect.stringContaining('path'),
      })
    })
  },
)
