import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatMasterKeys } from '@countersign/server'
import { announceWorkers } from '../lib/worker-cluster.ts'
import { makeRegistry, type OurOptions, type StorePlace } from './our-registry.ts'

// Our server on two processes over one store. Argument: what it is to be like, as JSON; over a SQLite
// file of its own where no store is named.
const options = JSON.parse(process.argv[2] ?? '{}') as OurOptions
const folder = mkdtempSync(join(tmpdir(), 'bench-cluster-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
process.on('SIGTERM', () => process.exit())
const place: StorePlace =
  options.postgres === undefined
    ? { sqlite: join(folder, 'registry.db') }
    : { postgres: options.postgres }
const { store, masterKeys, requests } = await makeRegistry({ ...options, ...place })
await store.close()
await announceWorkers('our-worker.ts', {
  env: { BENCH_STORE: JSON.stringify(place), BENCH_MASTER_KEYS: formatMasterKeys(masterKeys) },
  requests,
})
