import { createClient } from '@countersign/client'
import type { Suite } from '../lib/report.ts'

const TENANTS = 100_000

/** The heap that tokens of 100,000 tenants take, kept all and kept bounded. */
export const tenants: Suite = {
  name: 'tenants',
  async run() {
    const all = await heapOf(TENANTS)
    const bounded = await heapOf(10_000)
    return [
      {
        title: `Tokens of ${TENANTS.toLocaleString('en')} tenants in one client`,
        conditions: `heap: ${all} MB with all of them kept, ${bounded} MB with at most 10,000 (the default)`,
        measurements: [],
      },
    ]
  },
}

async function heapOf(maxTokens: number): Promise<string> {
  const auth = createClient({
    tokenEndpoint: 'https://as.example/token',
    clientId: 'bench',
    clientSecret: 'bench',
    maxTokens,
    fetch: async () => Response.json({ access_token: 'x'.repeat(600), expires_in: 3600 }),
  })
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  for (let tenant = 0; tenant < TENANTS; tenant++) {
    await auth.getToken({ partition: `tenant-${tenant}` })
  }
  // What was only needed on the way is let go in several rounds: signals hold each other weakly.
  for (let round = 0; round < 4; round++) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    globalThis.gc?.()
  }
  const used = (process.memoryUsage().heapUsed - before) / 1e6
  if (auth.status().tokenRequests !== TENANTS) throw new Error('a tenant was not asked for')
  return used.toFixed(0)
}
