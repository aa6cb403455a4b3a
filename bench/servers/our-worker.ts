import { announce } from '../lib/child-server.ts'
import { openRegistry, type StorePlace } from './our-registry.ts'
import { serveOurs } from './serve-ours.ts'

// One process of several over a registry that is there already.
const { BENCH_STORE = '{}', BENCH_MASTER_KEYS = '' } = process.env
const place = JSON.parse(BENCH_STORE) as StorePlace
announce({ port: await serveOurs(await openRegistry(place, BENCH_MASTER_KEYS)) })
