import { request as httpsRequest } from 'node:https'
import { afterAll, describe, expect, it } from 'vitest'
import {
  createAdministration,
  createAuthorizationServer,
  generateMasterKey,
  type ServerEvent,
} from '@countersign/server'
import { nodeListener } from '@countersign/server/node'
import { memoryStore, startListener } from '@countersign/testkit'
import { CERTIFICATE_HEADER, hasNginx, startNginx, VERDICT_HEADER } from './servers/nginx.ts'
import { CLIENT_NAME, makeTestPki, type Identity } from './servers/test-pki.ts'

const pki = hasNginx() ? await makeTestPki() : undefined

describe.runIf(pki !== undefined)(
  'our server behind an nginx that asks clients for certificates',
  async () => {
    if (pki === undefined) return
    const events: ServerEvent[] = []
    const store = memoryStore()
    const masterKeys = [generateMasterKey()]
    let answer: ReturnType<typeof nodeListener> | undefined
    const upstream = await startListener((incoming, outgoing) => answer?.(incoming, outgoing))
    const nginx = await startNginx({
      upstream: upstream.origin,
      identity: pki.server,
      clientAuthority: pki.ca,
    })
    const issuer = `https://127.0.0.1:${nginx.port}`
    const server = createAuthorizationServer({
      issuer,
      store,
      masterKeys,
      clientCertificates: {
        format: 'escaped-pem',
        header: CERTIFICATE_HEADER,
        trustedProxies: ['127.0.0.1'],
        verified: { header: VERDICT_HEADER, value: 'SUCCESS' },
      },
      onEvent: (event) => void events.push(event),
    })
    answer = nodeListener(server)
    const resource = 'https://api.example.test/orders'
    const administration = createAdministration({ store, masterKeys })
    await administration.createResource({
      resource,
      scopes: ['orders:read'],
      senderConstraint: 'certificate',
    })
    const credentials = {
      named: { kind: 'certificate_subject', member: 'san_dns', value: CLIENT_NAME },
      pinned: { kind: 'certificate', certificate: pki.selfSigned.cert },
      forged: { kind: 'certificate_subject', member: 'subject_dn', value: 'CN=self' },
    } as const
    for (const [clientId, credential] of Object.entries(credentials)) {
      await administration.createClient({ clientId, credential })
      await administration.grant({ clientId, resource, scopes: ['orders:read'] })
    }
    await server.refresh()
    afterAll(async () => {
      await nginx[Symbol.asyncDispose]()
      await upstream.close()
      await server.close()
    })

    function post(
      clientId: string,
      identity?: Identity,
      headers = {},
    ): Promise<number | undefined> {
      const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId })
      return new Promise((resolve, reject) => {
        const request = httpsRequest(
          `${issuer}/token`,
          {
            method: 'POST',
            ca: pki?.ca,
            ...identity,
            agent: false,
            headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
          },
          (response) => response.resume().on('end', () => resolve(response.statusCode)),
        )
        request.on('error', reject)
        request.end(body.toString())
      })
    }

    it('knows a client by the name in its certificate', async () => {
      expect(await post('named', pki.client)).toBe(200)
      expect(events.at(-1)).toMatchObject({ method: 'tls_client_auth', clientId: 'named' })
    })

    it('knows a client by its self-signed certificate', async () => {
      expect(await post('pinned', pki.selfSigned)).toBe(200)
      expect(events.at(-1)).toMatchObject({ method: 'self_signed_tls_client_auth' })
    })

    it('refuses names that nginx did not find good', async () => {
      expect(await post('forged', pki.selfSigned)).toBe(401)
      expect(events.at(-1)).toMatchObject({ reason: 'certificate_unverified' })
    })

    it('refuses others, and those who write the header themselves', async () => {
      expect(await post('named', pki.otherClient)).toBe(401)
      expect(events.at(-1)).toMatchObject({ reason: 'certificate_unknown' })
      const headers = {
        [CERTIFICATE_HEADER]: encodeURIComponent(pki.client.cert),
        [VERDICT_HEADER]: 'SUCCESS',
      }
      expect(await post('named', undefined, headers)).toBe(401)
      expect(events.at(-1)).toMatchObject({ reason: 'credentials_missing' })
      expect(await post('named', pki.otherClient, headers)).toBe(401)
    })
  },
)
