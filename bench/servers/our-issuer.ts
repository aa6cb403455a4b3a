import { announce } from '../lib/child-server.ts'
import { makeRegistry, type OurOptions } from './our-registry.ts'
import { serveOurs } from './serve-ours.ts'

// Our server on node:http. Argument: what it is to be like, as JSON.
const options = JSON.parse(process.argv[2] ?? '{}') as OurOptions
const registry = await makeRegistry(options)
const { reuseWindow } = options
const port = await serveOurs(registry, reuseWindow === undefined ? {} : { reuseWindow })
announce({ port, requests: registry.requests })
