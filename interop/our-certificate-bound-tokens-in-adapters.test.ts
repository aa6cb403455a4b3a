import { createHash } from 'node:crypto'
import { Agent as HttpsAgent } from 'node:https'
import * as grpc from '@grpc/grpc-js'
import axios from 'axios'
import { Agent, fetch as undiciFetch } from 'undici'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createClient, type FetchFunction } from '@countersign/client'
import { attachTokens } from '@countersign/client/axios'
import { credentialsFrom, oauthBearer, passwordFrom } from '@countersign/client/credentials'
import { callCredentials, retryUnauthenticated } from '@countersign/client/grpc'
import { certificateBound, certificateThumbprint } from '@countersign/client/sender-constraint'
import { tokenInterceptor } from '@countersign/client/undici'
import { startCertificateApi } from './servers/certificate-api.ts'
import { API, startBoundOidcProvider } from './servers/oidc-provider-bound.ts'
import { makeTestPki, type Identity, type TestPki } from './servers/test-pki.ts'

const SECRET = 'a-secret-of-no-other-use'
const pki = await makeTestPki()

function connectionOf({ cert, key }: Identity, ca: string) {
  const dispatcher = new Agent({ connect: { cert, key, ca } })
  onTestFinished(() => dispatcher.close())
  const fetch: FetchFunction = (input, init) =>
    undiciFetch(input as never, { ...(init as object), dispatcher }) as unknown as Promise<Response>
  return { dispatcher, fetch }
}

describe.runIf(pki !== undefined)('tokens bound to a certificate', () => {
  const { ca, server, client, otherClient } = (pki ?? {}) as TestPki
  let thumbprint: string
  beforeAll(async () => {
    thumbprint = await certificateThumbprint(client.cert)
  })

  /** A client whose tokens are bound to `client`'s certificate, and an API that looks at it. */
  async function started() {
    const provider = await startBoundOidcProvider({ secret: SECRET, tls: server })
    const { fetch } = connectionOf(client, ca)
    const api = await startCertificateApi(provider.issuer, { connection: fetch, tls: server })
    onTestFinished(async () => {
      await api[Symbol.asyncDispose]()
      await provider[Symbol.asyncDispose]()
    })
    const auth = createClient({
      issuer: provider.issuer,
      clientId: 'mtls-client',
      clientSecret: SECRET,
      resource: API,
      scope: 'read',
      fetch,
      senderConstraint: certificateBound({ fetch, thumbprint }),
    })
    return { auth, origin: api.origin }
  }

  it('go by an undici dispatcher that is said to present it, and by no other', async () => {
    const { auth, origin } = await started()
    const { dispatcher } = connectionOf(client, ca)
    const get = async (certificate: string | (() => string) | undefined) => {
      const pool = dispatcher.compose(
        tokenInterceptor(auth.source, {
          origins: [origin],
          ...(certificate !== undefined && { certificateThumbprint: certificate }),
        }),
      )
      const { statusCode, body } = await pool.request({ origin, method: 'GET', path: '/' })
      return [statusCode, await body.text()]
    }
    expect(await get(thumbprint)).toEqual([200, 'mtls-client'])
    expect(await get(() => thumbprint)).toEqual([200, 'mtls-client'])
    const undeclared = { code: 'ERR_NO_TOKEN', hint: expect.stringContaining('Declare') }
    await expect(get(undefined)).rejects.toMatchObject(undeclared)
    const other = await certificateThumbprint(otherClient.cert)
    await expect(get(other)).rejects.toMatchObject({ code: 'ERR_NO_TOKEN' })
    expect(() => tokenInterceptor(auth.source, { certificateThumbprint: 'short' })).toThrow(
      "tokenInterceptor: 'certificateThumbprint' must be",
    )
  })

  it('go by an axios instance whose agent is said to present it, and by no other', async () => {
    const { auth, origin } = await started()
    const httpsAgent = new HttpsAgent({ ...client, ca })
    onTestFinished(() => httpsAgent.destroy())
    const instance = axios.create({ baseURL: origin, httpsAgent })
    const end = attachTokens(instance, auth.source)
    await expect(instance.get('/')).rejects.toMatchObject({ code: 'ERR_NO_TOKEN' })
    end()
    attachTokens(instance, auth.source, { certificateThumbprint: thumbprint })
    expect(await instance.get('/')).toMatchObject({ status: 200, data: 'mtls-client' })
  })

  it('are handed to drivers that are said to present it, and to no other', async () => {
    const { auth } = await started()
    const { value } = await auth.getToken()
    const declared = { certificateThumbprint: thumbprint }
    expect(await passwordFrom(auth.source, declared)()).toBe(value)
    expect(await oauthBearer(auth.source, declared)()).toEqual({ value })
    const named = { username: 'billing', ...declared }
    expect(await credentialsFrom(auth.source, named)()).toMatchObject({ password: value })
    await expect(passwordFrom(auth.source)()).rejects.toMatchObject({ code: 'ERR_NO_TOKEN' })
    const other = await certificateThumbprint(otherClient.cert)
    const wrong = passwordFrom(auth.source, { certificateThumbprint: other })
    await expect(wrong()).rejects.toMatchObject({ code: 'ERR_NO_TOKEN' })
  })

  it('go over a gRPC channel that is said to present it, and over no other', async () => {
    const { auth } = await started()
    const say = await echo(server, ca)
    const call = (options = {}) => say(client, callCredentials(auth.source, grpc, options))
    const declared = { certificateThumbprint: thumbprint }
    expect(await retryUnauthenticated(auth.source, () => call(declared))).toBe('the right one')
    await expect(call()).rejects.toMatchObject({
      code: grpc.status.UNAUTHENTICATED,
      details: expect.stringContaining('none is declared here') as string,
    })
  })
})

const text = {
  path: '/countersign.Echo/Say',
  requestStream: false,
  responseStream: false,
  requestSerialize: (value: string) => Buffer.from(value),
  requestDeserialize: (bytes: Buffer) => bytes.toString(),
  responseSerialize: (value: string) => Buffer.from(value),
  responseDeserialize: (bytes: Buffer) => bytes.toString(),
} satisfies grpc.MethodDefinition<string, string>

/** A gRPC server that compares the token's certificate with that of the channel; gives its caller. */
async function echo(identity: Identity, ca: string) {
  const server = new grpc.Server()
  server.addService(
    { say: text },
    {
      say(call: grpc.ServerUnaryCall<string, string>, done: grpc.sendUnaryData<string>): void {
        const token = String(call.metadata.get('authorization')[0]).replace('Bearer ', '')
        const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()
        const { cnf } = JSON.parse(payload) as { cnf: Record<string, string> }
        const shown = call.getAuthContext()?.sslPeerCertificate?.raw ?? Buffer.alloc(0)
        const thumbprint = createHash('sha256').update(shown).digest('base64url')
        done(null, cnf['x5t#S256'] === thumbprint ? 'the right one' : 'another one')
      },
    },
  )
  const pair = { private_key: Buffer.from(identity.key), cert_chain: Buffer.from(identity.cert) }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(
      '127.0.0.1:0',
      grpc.ServerCredentials.createSsl(Buffer.from(ca), [pair], true),
      (error, bound) => (error === null ? resolve(bound) : reject(error)),
    )
  })
  onTestFinished(() => server.forceShutdown())
  return ({ key, cert }: Identity, credentials: grpc.CallCredentials): Promise<string> => {
    const channel = grpc.credentials.createSsl(Buffer.from(ca), Buffer.from(key), Buffer.from(cert))
    const Echo = grpc.makeGenericClientConstructor({ say: text }, 'Echo')
    const combined = grpc.credentials.combineChannelCredentials(channel, credentials)
    const client = new Echo(`127.0.0.1:${port}`, combined)
    onTestFinished(() => client.close())
    const say = client['say']?.bind(client) as (
      message: string,
      done: (error: Error | null, answer: string) => void,
    ) => void
    return new Promise((resolve, reject) => {
      say('a', (error, answer) => (error === null ? resolve(answer) : reject(error)))
    })
  }
}
