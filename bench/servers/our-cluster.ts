import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatMasterKeys } from '@countersign/server'
import { announceWorkers } from '../lib/worker-cluster.ts'
import { makeRegistry } from './our-registry.ts'

// Our server on two processes over one SQLite file.
const folder = mkdtempSync(join(tmpdir(), 'bench-cluster-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
process.on('SIGTERM', () => process.exit())
const sqlite = join(folder, 'registry.db')
const { store, masterKeys, requests } = await makeRegistry({ sqlite })
await store.close()
await announceWorkers('our-worker.ts', {
  env: { BENCH_SQLITE: sqlite, BENCH_MASTER_KEYS: formatMasterKeys(masterKeys) },
  requests,
})
