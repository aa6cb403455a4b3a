import { createServer, request as httpRequest } from 'node:http'
import { createServer as createTlsServer, request as httpsRequest } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { certificateThumbprint } from '@countersign/client/sender-constraint'
import { createGuard, type GuardEvent, type GuardOptions } from '@countersign/guard'
import { guarded } from '@countersign/guard/node'
import { formatClientCert } from '@countersign/protocol'
import { proofMint } from '@countersign/testkit/contracts'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AUDIENCE, startScriptedIssuer } from '../packages/guard/test/scripted-issuer.ts'
import { hasApache, startApache } from './servers/apache.ts'
import { documentedConfig } from './servers/documented-config.ts'
import { hasHaproxy, startHaproxy } from './servers/haproxy.ts'
import { hasNginx, startNginxWith } from './servers/nginx.ts'
import { makeTestPki, type Identity, type TestPki } from './servers/test-pki.ts'

const PAGE = 'guard/behind-a-proxy.md'
const pki = await makeTestPki()
const { ca, server: tls, client, otherClient, selfSigned } = (pki ?? {}) as TestPki
/** The same names, by another authority. */
const impostor = (await makeTestPki())?.client

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    await new Promise((resolve) => server.close(resolve))
  })
  return (server.address() as AddressInfo).port
}

interface Call {
  readonly identity?: Identity | undefined
  readonly headers?: Readonly<Record<string, string>>
  /** Goes past the proxy, from this address of the machine. */
  readonly localAddress?: string
}

/** An API whose guard is made once its front is there, and how to call it. */
async function startApi(
  startFront: (upstream: string) => Promise<{ port: number; prefix: string }>,
  options: (front: string) => Partial<GuardOptions>,
) {
  const issuer = await startScriptedIssuer()
  onTestFinished(() => issuer[Symbol.asyncDispose]())
  const events: GuardEvent[] = []
  let answer: ReturnType<typeof guarded> | undefined
  const api = createServer((incoming, outgoing) => answer?.(incoming, outgoing))
  const behind = await listen(api)
  const { port, prefix } = await startFront(`127.0.0.1:${behind}`)
  const address = `https://127.0.0.1:${port}${prefix}`
  const guard = createGuard({
    issuer: issuer.origin,
    audience: AUDIENCE,
    jwksUri: `${issuer.origin}/jwks`,
    now: issuer.clock.now,
    onEvent: (event) => events.push(event),
    ...options(address),
  })
  answer = guarded(guard, {}, (_request, response) => void response.end('orders'))

  async function call(token: string, made: Call = {}): Promise<string> {
    const { identity, headers = {}, localAddress } = made
    const seen = events.length
    const sent = { authorization: `Bearer ${token}`, ...headers }
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const request =
        localAddress === undefined
          ? httpsRequest(`${address}/orders`, { ca, ...identity, agent: false, headers: sent })
          : httpRequest(`http://127.0.0.1:${behind}/orders`, { localAddress, headers: sent })
      request.on('response', (response) =>
        response.resume().on('end', () => resolve(response.statusCode)),
      )
      request.on('error', reject)
      request.end()
    })
    const told = events.slice(seen).flatMap((one) => (one.type === 'denied' ? [one.reason] : []))
    return [status, ...told].join(' ')
  }

  const boundTo = async ({ cert }: Identity): Promise<string> =>
    issuer.mint.token({ claims: { cnf: { 'x5t#S256': await certificateThumbprint(cert) } } })
  return { call, boundTo, issuer, address }
}

const derOf = ({ cert }: Identity): Uint8Array =>
  Buffer.from(cert.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')

/** What every front has to bring about, by the header it writes. */
async function expectJudged(
  { call, boundTo, issuer }: Awaited<ReturnType<typeof startApi>>,
  forged: Readonly<Record<string, string>>,
): Promise<void> {
  const token = await boundTo(client)
  const calls: Record<string, string> = {
    'its own certificate': await call(token, { identity: client }),
    'another certificate of the same authority': await call(token, { identity: otherClient }),
    'the same names by another authority': await call(token, { identity: impostor }),
    none: await call(token),
    'none, but the header': await call(token, { headers: forged }),
    'another, and the header': await call(token, { identity: otherClient, headers: forged }),
    'self-signed': await call(await boundTo(selfSigned), { identity: selfSigned }),
    'past the proxy, with the header': await call(token, {
      headers: forged,
      localAddress: '127.0.0.2',
    }),
    'a plain token past the proxy, with the header': await call(issuer.mint.token(), {
      headers: forged,
      localAddress: '127.0.0.2',
    }),
    'a plain token': await call(issuer.mint.token(), { identity: client }),
  }
  expect(calls).toEqual({
    'its own certificate': '200',
    'another certificate of the same authority': '401 certificate_mismatch',
    'the same names by another authority': '401 certificate_mismatch',
    none: '401 certificate_missing',
    'none, but the header': '401 certificate_missing',
    'another, and the header': '401 certificate_mismatch',
    'self-signed': '200',
    'past the proxy, with the header': '400 certificate_untrusted_proxy',
    'a plain token past the proxy, with the header': '400 certificate_untrusted_proxy',
    'a plain token': '200',
  })
}

describe.runIf(pki !== undefined && hasNginx())(
  'our guard behind the nginx of docs/guard/behind-a-proxy.md',
  () => {
    async function startFront(upstream: string): Promise<{ port: number; prefix: string }> {
      const nginx = await startNginxWith({ identity: tls, clientAuthority: ca }, (port, folder) =>
        documentedConfig(PAGE, 'nginx', {
          'listen 443 ssl': `listen 127.0.0.1:${port} ssl`,
          '/etc/nginx/tls/api.pem': `${folder}/server.pem`,
          '/etc/nginx/tls/api.key': `${folder}/server.key`,
          '127.0.0.1:8080': upstream,
        }),
      )
      onTestFinished(() => nginx[Symbol.asyncDispose]())
      return { port: nginx.port, prefix: '/v1' }
    }

    it('knows clients by the certificate that nginx saw, and by nothing else [std:133] [std:137] [field:71]', async () => {
      const api = await startApi(startFront, () => ({
        certificates: {
          format: 'escaped-pem',
          header: 'X-Client-Cert',
          trustedProxies: ['127.0.0.1'],
        },
      }))
      await expectJudged(api, { 'x-client-cert': encodeURIComponent(client.cert) })
    })

    it('takes proofs for the public address, with the path that nginx takes away [field:65] [field:69]', async () => {
      const { call, issuer, address } = await startApi(startFront, (baseUrl) => ({
        dpop: { baseUrl },
      }))
      const key = proofMint()
      const token = issuer.mint.token({ claims: { cnf: { jkt: key.thumbprint } } })
      const ask = (url: string): Promise<string> =>
        call(token, {
          headers: {
            authorization: `DPoP ${token}`,
            dpop: key.proof(url, token, issuer.clock.now()),
          },
        })
      expect(await ask(`${address}/orders`)).toBe('200')
      expect(await ask(`${new URL(address).origin}/orders`)).toBe('401 dpop_wrong_url')
      expect(await ask('https://evil.example/v1/orders')).toBe('401 dpop_wrong_url')
    })
  },
)

describe.runIf(pki !== undefined && hasHaproxy())(
  'our guard behind the HAProxy of docs/guard/behind-a-proxy.md',
  () => {
    it('knows clients by the Client-Cert of RFC 9440, and by nothing else [std:133] [std:135] [std:137] [field:71]', async () => {
      const api = await startApi(
        async (upstream) => {
          const haproxy = await startHaproxy(
            (port, folder) =>
              documentedConfig(PAGE, 'haproxy', {
                'bind :443': `bind 127.0.0.1:${port}`,
                '/etc/haproxy/tls/': `${folder}/`,
                '127.0.0.1:8080': upstream,
              }),
            { 'api.pem': `${tls.cert}${tls.key}`, 'clients-ca.pem': ca },
          )
          onTestFinished(() => haproxy[Symbol.asyncDispose]())
          return { port: haproxy.port, prefix: '' }
        },
        () => ({ certificates: { format: 'rfc9440', trustedProxies: ['127.0.0.1'] } }),
      )
      await expectJudged(api, { 'client-cert': formatClientCert(derOf(client)) })
    })
  },
)

describe.runIf(pki !== undefined && hasApache())(
  'our guard behind the Apache of docs/guard/behind-a-proxy.md',
  () => {
    it('knows clients by the certificate that Apache saw, and by nothing else [std:133] [std:137] [field:71]', async () => {
      const api = await startApi(
        async (upstream) => {
          const apache = await startApache(
            (folder) =>
              documentedConfig(PAGE, 'apache', {
                '/etc/apache2/tls/': `${folder}/`,
                '127.0.0.1:8080': upstream,
              }),
            { 'api.pem': tls.cert, 'api.key': tls.key },
          )
          onTestFinished(() => apache[Symbol.asyncDispose]())
          return { port: apache.port, prefix: '' }
        },
        () => ({
          certificates: {
            format: 'escaped-pem',
            header: 'X-Client-Cert',
            trustedProxies: ['127.0.0.1'],
          },
        }),
      )
      await expectJudged(api, { 'x-client-cert': encodeURIComponent(client.cert) })
    })
  },
)

describe.runIf(pki !== undefined)('our guard on its own TLS socket', () => {
  it('knows clients by the certificate of the connection, whoever issued one like it [std:130] [field:71]', async () => {
    const issuer = await startScriptedIssuer({ certificates: 'connection' })
    onTestFinished(() => issuer[Symbol.asyncDispose]())
    const asked = { ...tls, ca, requestCert: true, rejectUnauthorized: false }
    const answer = guarded(issuer.guard, {}, (_request, response) => void response.end('orders'))
    const port = await listen(createTlsServer(asked, answer))
    const thumbprint = await certificateThumbprint(client.cert)
    const token = issuer.mint.token({ claims: { cnf: { 'x5t#S256': thumbprint } } })
    const call = (identity: Identity | undefined, headers = {}): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const request = httpsRequest(`https://127.0.0.1:${port}/orders`, {
          ca,
          ...identity,
          agent: false,
          headers: { authorization: `Bearer ${token}`, ...headers },
        })
        request.on('response', (response) =>
          response.resume().on('end', () => resolve(response.statusCode)),
        )
        request.on('error', reject)
        request.end()
      })
    const forged = { 'client-cert': formatClientCert(derOf(client)) }
    expect([
      await call(client),
      await call(otherClient),
      await call(impostor),
      await call(undefined),
      await call(undefined, forged),
    ]).toEqual([200, 401, 401, 401, 401])
  })
})
