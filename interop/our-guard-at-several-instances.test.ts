import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient } from '@countersign/client'
import { dpop } from '@countersign/client/sender-constraint'
import { createGuard, type GuardEvent } from '@countersign/guard'
import { guarded } from '@countersign/guard/node'
import { redisReplayStore } from '@countersign/stores/replay-redis'
import { startAuthorizationServer } from '@countersign/testkit'
import { proofMint } from '@countersign/testkit/contracts'
import { createClient as createRedis } from 'redis'
import { Agent, fetch as undiciFetch } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { documentedConfig } from './servers/documented-config.ts'
import { hasNginx, startNginxWith } from './servers/nginx.ts'
import { makeTestPki } from './servers/test-pki.ts'
import { requestToken } from './servers/token-requests.ts'
import { hasRedisServer, redisProcess } from './sharing/redis-process.ts'

const API = 'https://api.example.test/orders'
const SECRETS = ['a nonce secret of 32 bytes or more']
const pki = await makeTestPki()
const hasRedis = hasRedisServer()
if (!hasRedis) console.log('our guard at several instances: skipped: no redis-server')

describe.runIf(pki !== undefined && hasNginx() && hasRedis)(
  'our guard at two instances behind the nginx of docs/guard/several-instances.md',
  async () => {
    async function start() {
      if (pki === undefined) throw new Error('no certificates')
      const running = await startAuthorizationServer({
        resources: [{ resource: API, scopes: ['orders:read'], senderConstraint: 'dpop' }],
      })
      onTestFinished(() => running.close())
      const redis = await redisProcess()
      await redis.start()
      onTestFinished(() => redis.kill())

      const events: GuardEvent[] = []
      const answered = [0, 0]
      const guards: ((baseUrl: string) => Promise<void>)[] = []
      async function startInstance(index: number): Promise<string> {
        const client = createRedis({ url: redis.url })
        client.on('error', () => {})
        await client.connect()
        onTestFinished(() => client.destroy())
        let answer: ReturnType<typeof guarded> | undefined
        const server = createServer((request, response) => answer?.(request, response))
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
        onTestFinished(async () => {
          server.closeAllConnections()
          await new Promise((resolve) => server.close(resolve))
        })
        guards.push(async (baseUrl) => {
          const guard = createGuard({
            issuer: running.issuer,
            audience: API,
            dpop: {
              baseUrl,
              nonces: { secrets: SECRETS },
              replay: redisReplayStore({ client }),
            },
            onEvent: (event) => events.push(event),
          })
          await guard.ready()
          answer = guarded(guard, {}, (_request, response) => {
            answered[index] = (answered[index] ?? 0) + 1
            response.end('orders')
          })
        })
        return `127.0.0.1:${(server.address() as AddressInfo).port}`
      }

      const [one, other] = [await startInstance(0), await startInstance(1)]
      const { ca, server: identity } = pki
      const nginx = await startNginxWith({ identity, clientAuthority: ca }, (port, folder) =>
        documentedConfig('guard/several-instances.md', 'nginx', {
          'listen 443 ssl': `listen 127.0.0.1:${port} ssl`,
          '/etc/nginx/tls/api.pem': `${folder}/server.pem`,
          '/etc/nginx/tls/api.key': `${folder}/server.key`,
          '127.0.0.1:8081': one,
          '127.0.0.1:8082': other,
        }),
      )
      onTestFinished(() => nginx[Symbol.asyncDispose]())
      const address = `https://127.0.0.1:${nginx.port}/v1`
      for (const makeGuard of guards) await makeGuard(address)
      const dispatcher = new Agent({ connect: { ca } })
      onTestFinished(() => dispatcher.close())
      const fetchThrough: typeof fetch = (input, init) =>
        undiciFetch(input as never, { ...(init as object), dispatcher }) as never
      const denials = (): unknown[] =>
        events.flatMap((event) => (event.type === 'denied' ? [event.reason] : []))
      return { running, address, fetch: fetchThrough, denials, answered }
    }

    it('asks a client for a nonce once, whichever instance answers [std:224]', async () => {
      const { running, address, fetch: fetchThrough, denials, answered } = await start()
      const auth = createClient({
        issuer: running.issuer,
        ...running.client,
        resource: API,
        senderConstraint: dpop(),
        fetch: fetchThrough,
      })
      for (let call = 0; call < 20; call++) {
        expect((await auth.fetch(`${address}/orders`)).status).toBe(200)
      }
      expect(denials()).toEqual(['dpop_no_nonce'])
      expect(Math.min(...answered)).toBeGreaterThan(0)
    })

    it('lets one of many identical proofs through that come at once [std:220] [field:69]', async () => {
      const { running, address, fetch: fetchThrough, denials, answered } = await start()
      const key = proofMint()
      const token = await requestToken(running, { resource: API, key })
      const url = `${address}/orders`
      const ask = (nonce?: string, proof = proofWith(nonce)): Promise<Response> =>
        fetchThrough(url, { headers: { authorization: `DPoP ${token}`, dpop: proof } })
      const proofWith = (nonce?: string): string =>
        key.proof(url, token, Date.now(), { claims: nonce === undefined ? {} : { nonce } })
      const nonce = (await ask()).headers.get('dpop-nonce') ?? ''
      const one = proofWith(nonce)
      const statuses = await Promise.all(
        Array.from({ length: 200 }, async () => (await ask(nonce, one)).status),
      )
      expect(statuses.filter((status) => status === 200)).toHaveLength(1)
      expect(denials().filter((reason) => reason === 'dpop_replayed')).toHaveLength(199)
      expect((answered[0] ?? 0) + (answered[1] ?? 0)).toBe(1)
    })
  },
)
