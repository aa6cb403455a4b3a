import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAuthorizationServer } from '@countersign/server'
import { nodeListener } from '@countersign/server/node'
import { announce } from '../lib/child-server.ts'
import { makeRegistry, type OurOptions } from './our-registry.ts'

// Our server on node:http. Argument: what it is to be like, as JSON.
const options = JSON.parse(process.argv[2] ?? '{}') as OurOptions
const { store, masterKeys, requests } = await makeRegistry(options)
const server = createServer({ keepAliveTimeout: 60_000 })
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const { port } = server.address() as AddressInfo
const issuer = `http://127.0.0.1:${port}`
const authorizationServer = createAuthorizationServer({ issuer, store, masterKeys })
await authorizationServer.ready()
server.on('request', nodeListener(authorizationServer))
announce({ port, requests })
