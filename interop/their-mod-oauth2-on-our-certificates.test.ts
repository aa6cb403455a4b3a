import { createServer, request as httpsRequest } from 'node:https'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { nodeListener } from '@countersign/server/node'
import { startAuthorizationServer, startListener } from '@countersign/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { hasApache, startApache } from './servers/apache.ts'
import { makeTestPki, type Identity, type TestPki } from './servers/test-pki.ts'

const API = 'https://api.example.test/orders'
const pki = await makeTestPki()
const { ca, server: tls, client, otherClient } = (pki ?? {}) as TestPki

describe.runIf(pki !== undefined && hasApache())(
  'Apache with mod_oauth2 on our tokens that are bound to a certificate',
  () => {
    /** A token of our server for the client whose certificate came with the request. */
    async function start() {
      const running = await startAuthorizationServer({
        resources: [{ resource: API, scopes: ['orders:read'], senderConstraint: 'certificate' }],
        serverOptions: { clientCertificates: 'connection' },
      })
      const asked = { ...tls, ca, requestCert: true, rejectUnauthorized: false }
      const front = createServer(asked, nodeListener(running.server))
      await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
      onTestFinished(async () => {
        await new Promise((resolve) => front.close(resolve))
        await running.close()
      })
      const { clientId, clientSecret } = running.client
      const { port } = front.address() as AddressInfo
      const body = new URLSearchParams({ grant_type: 'client_credentials', resource: API })
      const answer = await new Promise<unknown>((resolve, reject) => {
        const request = httpsRequest(`https://127.0.0.1:${port}/token`, {
          method: 'POST',
          ca,
          ...client,
          agent: false,
          headers: {
            authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}`,
            'content-type': 'application/x-www-form-urlencoded',
          },
        })
        request.on('response', (response) => void json(response).then(resolve, reject))
        request.on('error', reject)
        request.end(body.toString())
      })
      return { issuer: running.issuer, token: (answer as { access_token: string }).access_token }
    }

    async function startGuarded(verify: string): Promise<string> {
      const upstream = await startListener((_request, response) => void response.end('orders'))
      const apache = await startApache(
        (folder) => `
SSLEngine on
SSLCertificateFile ${folder}/api.pem
SSLCertificateKeyFile ${folder}/api.key
SSLVerifyClient optional_no_ca
SSLOptions +StdEnvVars +ExportCertData
<Location "/">
  AuthType oauth2
  OAuth2TokenVerify ${verify}
  OAuth2TargetPass remote_user_claim=sub
  Require oauth2_claim scope:orders:read
  ProxyPass ${upstream.origin}/
</Location>
`,
        { 'api.pem': tls.cert, 'api.key': tls.key },
      )
      onTestFinished(async () => {
        await apache[Symbol.asyncDispose]()
        await upstream.close()
      })
      return `https://127.0.0.1:${apache.port}/orders`
    }

    function call(url: string, token: string, identity?: Identity): Promise<number | undefined> {
      return new Promise((resolve, reject) => {
        const headers = { authorization: `Bearer ${token}` }
        const request = httpsRequest(url, { ca, ...identity, agent: false, headers })
        request.on('response', (response) =>
          response.resume().on('end', () => resolve(response.statusCode)),
        )
        request.on('error', reject)
        request.end()
      })
    }

    it('takes them from whoever has the certificate, where it is told to look', async () => {
      const { issuer, token } = await start()
      const url = await startGuarded(
        `jwks_uri ${issuer}/jwks verify.exp=required&type=mtls&mtls.policy=required`,
      )
      expect([
        await call(url, token, client),
        await call(url, token, otherClient),
        await call(url, token),
      ]).toEqual([200, 401, 401])
    })

    it('takes them from anybody where it is not, which it should not', async () => {
      const { issuer, token } = await start()
      const url = await startGuarded(`jwks_uri ${issuer}/jwks verify.exp=required`)
      expect([await call(url, token, otherClient), await call(url, token)]).toEqual([200, 200])
    })
  },
)
