import { announce } from '../lib/child-server.ts'
import { openRegistry } from './our-registry.ts'
import { serveOurs } from './serve-ours.ts'

// One process of several over a registry that is there already.
const { BENCH_SQLITE = '', BENCH_MASTER_KEYS = '' } = process.env
announce({ port: await serveOurs(await openRegistry(BENCH_SQLITE, BENCH_MASTER_KEYS)) })
