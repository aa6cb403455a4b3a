import { announceWorkers } from '../lib/worker-cluster.ts'

// The floor on two processes. Argument: as the floor's.
await announceWorkers('floor-issuer.ts')
