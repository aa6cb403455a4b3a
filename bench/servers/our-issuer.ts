import { announce } from '../lib/child-server.ts'
import { makeRegistry, type OurOptions } from './our-registry.ts'
import { serveOurs } from './serve-ours.ts'

// Our server on node:http. Argument: what it is to be like, as JSON.
const registry = await makeRegistry(JSON.parse(process.argv[2] ?? '{}') as OurOptions)
announce({ port: await serveOurs(registry), requests: registry.requests })
