import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startListener } from '@countersign/testkit'
import express from 'express'
import { auth, requiredScopes } from 'express-oauth2-jwt-bearer'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as openid from 'openid-client'
import { Agent, fetch as undiciFetch } from 'undici'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { hasProgram } from './servers/machine.ts'
import {
  RESOURCE,
  startOurServerAndApi,
  type OurServerAndApi,
} from './servers/our-server-and-api.ts'
import { CLIENT_NAME, makeTestPki, type Identity } from './servers/test-pki.ts'

const hasCurl = hasProgram('curl')
const pki = await makeTestPki()

describe('openid-client with DPoP on our server', () => {
  let ours: OurServerAndApi
  beforeAll(async () => {
    ours = await startOurServerAndApi()
  })
  afterAll(() => ours[Symbol.asyncDispose]())

  async function boundToken() {
    const { clientId, clientSecret } = ours.client
    const config = await openid.discovery(new URL(ours.issuer), clientId, clientSecret, undefined, {
      algorithm: 'oauth2',
      execute: [openid.allowInsecureRequests],
    })
    const keyPair = await openid.randomDPoPKeyPair('ES256', { extractable: true })
    const handle = openid.getDPoPHandle(config, keyPair)
    const parameters = { scope: 'orders:read' }
    const tokens = await openid.clientCredentialsGrant(config, parameters, { DPoP: handle })
    return { config, handle, tokens }
  }

  it('obtains a token bound to its key, as jose sees it by our JWKS', async () => {
    const { handle, tokens } = await boundToken()
    expect(tokens.token_type).toBe('dpop')
    const keys = createRemoteJWKSet(new URL(`${ours.issuer}/jwks`))
    const { payload } = await jwtVerify(tokens.access_token, keys, {
      issuer: ours.issuer,
      audience: RESOURCE,
      typ: 'at+jwt',
    })
    expect(payload['cnf']).toEqual({ jkt: await handle.calculateThumbprint() })
  })

  it('calls an API that a stranger guards, which lets nobody else use the token', async () => {
    const { config, handle, tokens } = await boundToken()
    const app = express()
    app.use(
      auth({
        issuerBaseURL: ours.issuer,
        audience: RESOURCE,
        tokenSigningAlg: 'ES256',
        dpop: { enabled: true, required: true },
      }),
    )
    app.get('/orders', requiredScopes('orders:read'), (_request, response) => {
      response.json({ orders: [] })
    })
    await using api = await startListener(app)
    const url = new URL(`${api.origin}/orders`)
    const call = (DPoP?: openid.DPoPHandle): Promise<Response> =>
      openid.fetchProtectedResource(config, tokens.access_token, url, 'GET', undefined, undefined, {
        ...(DPoP && { DPoP }),
      })
    expect((await call(handle)).status).toBe(200)
    const authorization = `Bearer ${tokens.access_token}`
    expect((await fetch(url, { headers: { authorization } })).status).toBe(400)
    const thief = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256'))
    await expect(call(thief)).rejects.toMatchObject({ status: 401 })
  })
})

describe.runIf(pki !== undefined)('clients with a certificate on our server', () => {
  if (pki === undefined) return
  const { ca, client, otherClient, selfSigned, otherSelfSigned } = pki
  let ours: OurServerAndApi
  /** Binds its tokens to the certificate. */
  let binding: OurServerAndApi
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certificates-'))
    ours = await startOurServerAndApi(pki)
    binding = await startOurServerAndApi(pki)
    await binding.administration.updateResource({
      resource: RESOURCE,
      senderConstraint: 'certificate',
    })
    for (const server of [ours, binding]) {
      await server.addClient('by-name', {
        kind: 'certificate_subject',
        member: 'san_dns',
        value: CLIENT_NAME,
      })
      const { cert } = selfSigned
      await server.addClient('by-certificate', { kind: 'certificate', certificate: cert })
    }
  })
  afterAll(async () => {
    await ours[Symbol.asyncDispose]()
    await binding[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  const RIGHT_AND_WRONG = [
    ['tls_client_auth', 'by-name', client, otherClient],
    ['self_signed_tls_client_auth', 'by-certificate', selfSigned, otherSelfSigned],
  ] as const

  it.runIf(hasCurl).each(RIGHT_AND_WRONG)('know curl by %s', async (_, clientId, right, wrong) => {
    async function curl(
      { cert, key }: Identity,
      ...request: readonly string[]
    ): Promise<Record<string, unknown>> {
      const files = { 'ca.pem': ca, 'client.pem': cert, 'client.key': key }
      for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
      const trust = ['-s', '--cacert', join(folder, 'ca.pem')]
      const own = ['--cert', join(folder, 'client.pem'), '--key', join(folder, 'client.key')]
      const { stdout } = await promisify(execFile)('curl', [...trust, ...own, ...request])
      return JSON.parse(stdout) as Record<string, unknown>
    }
    const form = ['-d', 'grant_type=client_credentials', '-d', `client_id=${clientId}`]
    const { access_token } = await curl(right, ...form, `${ours.issuer}/token`)
    const answer = await curl(right, '--oauth2-bearer', String(access_token), ours.api)
    expect(answer).toMatchObject({ caller: clientId })
    const refusal = await curl(wrong, ...form, `${ours.issuer}/token`)
    expect(refusal).toMatchObject({ error: 'invalid_client' })
  })

  it.each(RIGHT_AND_WRONG)(
    'know openid-client by %s, and bind its token',
    async (_, clientId, right, wrong) => {
      async function ask({ cert, key }: Identity): Promise<string> {
        const dispatcher = new Agent({ connect: { ca, cert, key } })
        onTestFinished(() => dispatcher.close())
        const config = await openid.discovery(
          new URL(binding.issuer),
          clientId,
          { use_mtls_endpoint_aliases: true },
          openid.TlsClientAuth(),
          {
            algorithm: 'oauth2',
            [openid.customFetch]: (url, options) =>
              undiciFetch(url, {
                ...(options as object),
                dispatcher,
              }) as unknown as Promise<Response>,
          },
        )
        return (await openid.clientCredentialsGrant(config)).access_token
      }
      expect(confirmationOf(await ask(right))).toEqual(thumbprintOf(right))
      await expect(ask(wrong)).rejects.toMatchObject({ status: 401 })
    },
  )
})

function thumbprintOf({ cert }: Identity): object {
  const digest = Buffer.from(new X509Certificate(cert).fingerprint256.replaceAll(':', ''), 'hex')
  return { 'x5t#S256': digest.toString('base64url') }
}

function confirmationOf(token: string): unknown {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
    readonly cnf?: unknown
  }
  return claims.cnf
}
