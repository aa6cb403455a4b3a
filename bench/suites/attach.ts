import { createClient } from '@countersign/client'
import { startChildServer } from '../lib/child-server.ts'
import type { Suite } from '../lib/report.ts'
import { summarize, type Contestant } from '../lib/rounds.ts'

/** `auth.fetch` beside `fetch` with the header set by hand, on a server in another process. */
export const attach: Suite = {
  name: 'attach',
  async run(quick) {
    await using api = await startChildServer('plain-api.ts')
    const url = `http://127.0.0.1:${api.ready.port}/orders`
    const auth = createClient({
      tokenEndpoint: `http://127.0.0.1:${api.ready.port}/token`,
      clientId: 'bench',
      clientSecret: 'bench',
    })
    const { value } = await auth.getToken()
    const contestants: Contestant[] = [
      calls('fetch, header set by hand', 'floor', () =>
        fetch(url, { headers: { authorization: `Bearer ${value}` } }),
      ),
      calls('auth.fetch', 'ours', () => auth.fetch(url)),
      ...peers(),
    ]
    const rounds = quick ? 7 : 15
    const times = quick ? 1000 : 3000
    const wall = contestants.map((): number[] => [])
    const cpu = contestants.map((): number[] => [])
    for (let round = 0; round <= rounds; round++) {
      for (const [index, contestant] of contestants.entries()) {
        const start = process.hrtime.bigint()
        const before = process.cpuUsage()
        await contestant.run(times)
        const used = process.cpuUsage(before)
        if (round === 0) continue
        wall[index]?.push(Number(process.hrtime.bigint() - start) / times)
        cpu[index]?.push(((used.user + used.system) * 1000) / times)
      }
    }
    const conditions = 'keep-alive node:http server in another process, 32 calls in flight'
    return [
      { title: 'A call: CPU of the caller', conditions, measurements: summarize(contestants, cpu) },
      { title: 'A call: time per call', conditions, measurements: summarize(contestants, wall) },
    ]
  },
}

/** Further libraries, once they are compared. */
function peers(): readonly Contestant[] {
  return []
}

function calls(name: string, role: Contestant['role'], call: () => Promise<Response>): Contestant {
  return {
    name,
    role,
    async run(times) {
      let left = times
      const lane = async (): Promise<void> => {
        while (left-- > 0) {
          const response = await call()
          await response.arrayBuffer()
          if (response.status !== 200) throw new Error(`the API answered ${response.status}`)
        }
      }
      await Promise.all(Array.from({ length: 32 }, lane))
    },
  }
}
