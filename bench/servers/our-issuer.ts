import { createServer } from 'node:http'
import {
  createAdministration,
  createAuthorizationServer,
  generateMasterKey,
} from '@countersign/server'
import { nodeListener } from '@countersign/server/node'
import { memoryStore } from '@countersign/stores/memory'
import { announce } from '../lib/child-server.ts'

const RESOURCE = 'https://api.example.test/orders'

const server = createServer()
server.listen(0, '127.0.0.1', () => void start())

async function start(): Promise<void> {
  const address = server.address()
  if (typeof address !== 'object' || address === null) return
  const store = memoryStore()
  const masterKeys = [generateMasterKey()]
  const administration = createAdministration({ store, masterKeys })
  await administration.createResource({ resource: RESOURCE, scopes: ['orders:read'] })
  const { secret } = await administration.createClient({ clientId: 'billing' })
  await administration.grant({ clientId: 'billing', resource: RESOURCE, scopes: ['orders:read'] })
  const issuer = `http://127.0.0.1:${address.port}`
  const authorizationServer = createAuthorizationServer({ issuer, store, masterKeys })
  await authorizationServer.ready()
  server.on('request', nodeListener(authorizationServer))
  const body = 'grant_type=client_credentials&scope=orders%3Aread'
  const credentials = Buffer.from(`billing:${secret.reveal()}`).toString('base64')
  const head = [
    'POST /token HTTP/1.1',
    'Host: 127.0.0.1',
    `Authorization: Basic ${credentials}`,
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${body.length}`,
    '',
    '',
  ]
  announce({ port: address.port, request: head.join('\r\n') + body })
}
