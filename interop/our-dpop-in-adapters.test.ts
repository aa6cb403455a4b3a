import { Readable } from 'node:stream'
import { inspect } from 'node:util'
import * as grpc from '@grpc/grpc-js'
import { startListener } from '@countersign/testkit'
import axios, { type AxiosInstance } from 'axios'
import { Agent, fetch as undiciFetch, interceptors, Pool } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AccessToken, createClient, type Client } from '@countersign/client'
import type { PublicJwk } from '@countersign/client/authentication'
import { attachTokens } from '@countersign/client/axios'
import { credentialsFrom, oauthBearer, passwordFrom } from '@countersign/client/credentials'
import { callCredentials } from '@countersign/client/grpc'
import { dpop, type DpopOptions } from '@countersign/client/sender-constraint'
import { tokenInterceptor } from '@countersign/client/undici'
import { startDpopApi } from './servers/dpop-api.ts'
import { API, startBoundOidcProvider } from './servers/oidc-provider-bound.ts'

const SECRET = 'a-secret-of-no-other-use'
const asked = { clientSecret: SECRET, resource: API, scope: 'read' }

/** What a call came to: its status, and its body as text. */
type Outcome = readonly [status: number, body: string]
interface Call {
  readonly path: string
  readonly body?: string
}

/** Ways to call an API, each made for one origin. */
type Caller = (call: Call) => Promise<Outcome>

async function dpopClient(options: DpopOptions = {}, { requireNonce = false } = {}) {
  const provider = await startBoundOidcProvider({ secret: SECRET, requireNonce })
  onTestFinished(() => provider[Symbol.asyncDispose]())
  const { issuer, statuses } = provider
  const senderConstraint = dpop(options)
  const auth = createClient({ issuer, clientId: 'dpop-client', ...asked, senderConstraint })
  return { auth, issuer, statuses }
}

function undiciCaller(origin: string, auth: Client): Caller {
  const plain = new Pool(origin)
  onTestFinished(() => plain.destroy())
  const pool = plain.compose(tokenInterceptor(auth.source))
  return async ({ path, body }) => {
    const method = body === undefined ? 'GET' : 'POST'
    const answer = await pool.request({ method, path, ...(body !== undefined && { body }) })
    return [answer.statusCode, await answer.body.text()]
  }
}

const axiosCaller =
  (adapter: 'http' | 'fetch') =>
  (origin: string, auth: Client): Caller => {
    const instance = axios.create({ baseURL: origin, adapter, responseType: 'text' })
    attachTokens(instance, auth.source)
    return axiosCall(instance)
  }

function axiosCall(instance: AxiosInstance): Caller {
  return async ({ path, body }) => {
    const answer = await instance.request<string>({
      url: path,
      method: body === undefined ? 'get' : 'post',
      data: body,
      validateStatus: () => true,
    })
    return [answer.status, answer.data]
  }
}

const CALLERS = [
  ['undici', undiciCaller],
  ['axios, http adapter', axiosCaller('http')],
  ['axios, fetch adapter', axiosCaller('fetch')],
] as const

const HELLO = '{"hello":"dpop-client"}'

describe.each(CALLERS)('tokens bound by DPoP in %s', (_library, callerOf) => {
  it('go with a proof of each request, never the same twice', async () => {
    const { auth, issuer, statuses } = await dpopClient()
    const api = await startDpopApi(issuer)
    onTestFinished(() => api.close())
    const call = callerOf(api.origin, auth)
    const calls = Array.from({ length: 20 }, (_, at) => call({ path: `/a/${at}?b=${at}` }))
    const posted = call({ path: '/c', body: 'x' })
    const outcomes = await Promise.all([...calls, posted])
    expect(new Set(outcomes.map(String))).toEqual(new Set([`200,${HELLO}`]))
    expect(api.requests).toHaveLength(21)
    expect(statuses).toEqual([200])
  })

  it('take the nonce that is demanded once, and every later one from answers', async () => {
    const { auth, issuer } = await dpopClient({}, { requireNonce: true })
    const api = await startDpopApi(issuer, { nonces: true })
    onTestFinished(() => api.close())
    const call = callerOf(api.origin, auth)
    const first = await Promise.all(
      Array.from({ length: 20 }, (_, at) => call({ path: `/${at}`, body: `body ${at}` })),
    )
    expect(new Set(first.map(String))).toEqual(new Set([`200,${HELLO}`]))
    expect(api.requests).toHaveLength(21)
    expect(await call({ path: '/later' })).toEqual([200, HELLO])
    expect(api.requests).toHaveLength(22)
  })

  it('share their nonces with auth.fetch', async () => {
    const { auth, issuer } = await dpopClient()
    const api = await startDpopApi(issuer, { nonces: true })
    onTestFinished(() => api.close())
    expect((await auth.fetch(api.origin)).status).toBe(200)
    expect(await callerOf(api.origin, auth)({ path: '/' })).toEqual([200, HELLO])
    expect(api.requests).toHaveLength(3)
  })

  it('make one renewal where they are refused, then a nonce, and no fourth call', async () => {
    const { auth, statuses } = await dpopClient()
    const refused = (await auth.getToken()).value
    const seen: (string | undefined)[] = []
    let nonceAsked = false
    const api = await startListener((request, response) => {
      request.resume()
      seen.push(request.headers['dpop'] as string | undefined)
      if (request.headers.authorization === `DPoP ${refused}`) {
        response.setHeader('www-authenticate', 'DPoP error="invalid_token"')
        response.writeHead(401).end('refused')
        return
      }
      if (!nonceAsked) {
        nonceAsked = true
        response.setHeader('dpop-nonce', 'n-1')
        response.setHeader('www-authenticate', 'DPoP error="use_dpop_nonce"')
        response.writeHead(401).end('a nonce')
        return
      }
      response.end('yes')
    })
    onTestFinished(() => api.close())
    const call = callerOf(api.origin, auth)
    expect(await call({ path: '/', body: 'x' })).toEqual([200, 'yes'])
    expect(statuses).toEqual([200, 200])
    expect(new Set(seen).size).toBe(3)
    expect(seen).not.toContain(undefined)
  })

  it('hand back the second demand for a nonce, and a 403, as they are', async () => {
    const { auth } = await dpopClient()
    let count = 0
    const api = await startListener((request, response) => {
      request.resume()
      response.setHeader('dpop-nonce', `n-${++count}`)
      response.setHeader('www-authenticate', 'DPoP error="use_dpop_nonce"')
      response.writeHead(request.url === '/403' ? 403 : 401).end('never')
    })
    onTestFinished(() => api.close())
    const call = callerOf(api.origin, auth)
    expect(await call({ path: '/' })).toEqual([401, 'never'])
    expect(count).toBe(2)
    expect(await call({ path: '/403' })).toEqual([403, 'never'])
    expect(count).toBe(3)
  })

  it('are not sent where no proof can be made', async () => {
    let calls = 0
    const api = await startListener((_, response) => {
      calls++
      response.end()
    })
    onTestFinished(() => api.close())
    const { privateKey } = await crypto.subtle.generateKey(
      { name: 'ECDSA', namedCurve: 'P-256' },
      true,
      ['sign'],
    )
    const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', privateKey)
    const publicJwk = { kty, crv, x, y } as PublicJwk
    const sign = () => Promise.reject(new Error('MARKER of the KMS'))
    const token = new AccessToken({
      value: 'MARKER-TOKEN',
      type: 'DPoP',
      obtainedAt: Date.now(),
      senderConstraint: dpop({ key: { alg: 'ES256', publicJwk, sign } }),
    })
    const call = callerOf(api.origin, { source: async () => token } as unknown as Client)
    const failed: unknown = await call({ path: '/' }).catch((error: unknown) => error)
    expect(failed).toMatchObject({ code: 'ERR_PROOF' })
    expect(inspect(failed, { depth: 9 })).not.toContain('MARKER')
    expect(calls).toBe(0)
  })
})

describe('tokens bound by DPoP', () => {
  it('are proven anew on each hop of a redirect in undici', async () => {
    const { auth, issuer } = await dpopClient()
    const api = await startDpopApi(issuer)
    const front = await startListener((request, response) => {
      request.resume()
      response.writeHead(307, { location: `${api.origin}/there` }).end()
    })
    onTestFinished(async () => {
      await front.close()
      await api.close()
    })
    const plain = new Agent()
    onTestFinished(() => plain.destroy())
    const origins = [front.origin, api.origin]
    const agent = plain.compose(
      tokenInterceptor(auth.source, { origins }),
      interceptors.redirect({ maxRedirections: 3 }),
    )
    const response = await undiciFetch(`${front.origin}/`, { dispatcher: agent })
    expect(await response.text()).toBe(HELLO)
  })

  it.each([['http'], ['fetch']] as const)(
    'follow no redirect in axios: the proof is for one address (%s adapter)',
    async (adapter) => {
      const { auth } = await dpopClient()
      const paths: string[] = []
      const api = await startListener((request, response) => {
        request.resume()
        paths.push(request.url ?? '')
        response.writeHead(307, { location: '/there' }).end()
      })
      onTestFinished(() => api.close())
      const instance = axios.create({ baseURL: api.origin, adapter })
      attachTokens(instance, auth.source)
      await expect(instance.get('/')).rejects.toBeInstanceOf(Error)
      expect(paths).toEqual(['/'])
    },
  )

  it.each([['undici'], ['axios']])(
    'hand back a challenge to a body that was a stream in %s',
    async (library) => {
      const { auth, issuer } = await dpopClient()
      const api = await startDpopApi(issuer, { nonces: true })
      onTestFinished(() => api.close())
      if (library === 'axios') {
        const instance = axios.create({ baseURL: api.origin, validateStatus: () => true })
        attachTokens(instance, auth.source)
        expect((await instance.post('/', Readable.from(['x']))).status).toBe(401)
      } else {
        const plain = new Pool(api.origin)
        onTestFinished(() => plain.destroy())
        const pool = plain.compose(tokenInterceptor(auth.source))
        const body = Readable.from(['x'])
        const { statusCode, body: answer } = await pool.request({ method: 'POST', path: '/', body })
        await answer.dump()
        expect(statusCode).toBe(401)
      }
      expect(api.requests).toHaveLength(1)
    },
  )

  it('are refused by gRPC and by drivers, which cannot prove a key', async () => {
    const { auth } = await dpopClient()
    const refusal = { code: 'ERR_NO_TOKEN', hint: expect.stringContaining('authorizedFetch') }
    await expect(passwordFrom(auth.source)()).rejects.toMatchObject(refusal)
    await expect(oauthBearer(auth.source)()).rejects.toMatchObject(refusal)
    await expect(credentialsFrom(auth.source, { username: 'a' })()).rejects.toMatchObject(refusal)
    const credentials = callCredentials(auth.source, grpc)
    const failed = credentials.generateMetadata({ service_url: 'https://localhost/x' } as never)
    await expect(failed).rejects.toMatchObject({
      code: grpc.status.UNAUTHENTICATED,
      message: expect.stringContaining('gRPC has no place for a DPoP proof') as string,
    })
  })
})
