import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { createClient } from '@countersign/client'
import { credentialsFrom } from '@countersign/client/credentials'
import { startAuthorizationServer, type RunningAuthorizationServer } from '@countersign/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { amqpLogin } from './servers/amqp-login.ts'
import { existsProgram } from './servers/machine.ts'
import { RABBITMQ, startRabbitmq, type RunningRabbitmq } from './servers/rabbitmq.ts'

const BROKER = 'https://broker.example.test'
const READ = `${BROKER}.read:%2F/*`
const ELSEWHERE = `${BROKER}.read:other/*`
const API = 'https://api.example.test/orders'

const hasRabbitmq = existsProgram(RABBITMQ, 'rabbitmq-server')

let server: RunningAuthorizationServer
let broker: RunningRabbitmq
beforeAll(async () => {
  if (!hasRabbitmq) return
  server = await startAuthorizationServer({
    resources: [
      { resource: BROKER, scopes: [READ, ELSEWHERE] },
      { resource: API, scopes: ['orders:read'] },
    ],
  })
  const jwks = await (await fetch(`${server.issuer}/jwks`)).json()
  const keys = (jwks as { keys: (JsonWebKey & { kid: string })[] }).keys.map(
    (key) =>
      [
        key.kid,
        createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' }) as string,
      ] as const,
  )
  broker = await startRabbitmq({ resource: BROKER, keys: Object.fromEntries(keys) })
}, 120_000)
afterAll(async () => {
  await broker?.[Symbol.asyncDispose]()
  await server?.close()
})

/** Opens a connection with what a client for this resource and scope gives. */
async function login(resource: string, scope: string, change = (text: string): string => text) {
  await using auth = createClient({ issuer: server.issuer, ...server.client, resource, scope })
  const { username, password, expiresAt } = await credentialsFrom(auth.source, {
    username: 'billing',
  })()
  expect(expiresAt).toBeGreaterThan(Date.now())
  return amqpLogin({ port: broker.port, username, password: change(password) })
}

describe.runIf(hasRabbitmq)('credentialsFrom in RabbitMQ', () => {
  it('opens a connection with a token of ours as the password', async () => {
    expect(await login(BROKER, READ)).toBe('open')
  })

  it('is not let in with a token for another audience', async () => {
    expect(await login(API, 'orders:read')).toMatch(/^403 ACCESS_REFUSED/)
  })

  it('is not let in with a token whose signature is another', async () => {
    const change = (token: string): string => {
      const [header, payload, signature = ''] = token.split('.')
      const first = signature.startsWith('A') ? 'B' : 'A'
      return [header, payload, first + signature.slice(1)].join('.')
    }
    expect(await login(BROKER, READ, change)).toMatch(/^403 ACCESS_REFUSED/)
  })

  it('is let in, and not into a virtual host that its scopes do not name', async () => {
    expect(await login(BROKER, ELSEWHERE)).toMatch(/^530 NOT_ALLOWED/)
  })
})
