import { describe, expect, it } from 'vitest'
import { startCommand, runCommand, type Outcome } from './run-command.ts'
import { temporaryFolder } from './temporary-folder.ts'

const ORDERS = 'https://orders.example'
const INVOICES = 'https://invoices.example'

/** A registry with a client that is granted things at two APIs, of which one reports. */
async function registry(): Promise<
  Disposable & {
    run(line: string, env?: Record<string, string>): Promise<Outcome>
    readonly env: Readonly<Record<string, string>>
    readonly apiSecret: string
  }
> {
  const folder = temporaryFolder()
  const env = { COUNTERSIGN_DB: folder.file('a.db') }
  const run = (line: string): Promise<Outcome> => runCommand(line.split(' '), { env })
  await run('client create billing --create')
  const api = await run('client create orders-api --json')
  for (const resource of [ORDERS, INVOICES]) {
    await run(`resource create ${resource} --scope read --scope write`)
    await run(`grant billing ${resource} read write`)
  }
  await run(`resource update ${ORDERS} --introspect orders-api`)
  const { client_secret: apiSecret } = JSON.parse(api.stdout) as Record<string, string>
  return { run, env, apiSecret: apiSecret ?? '', [Symbol.dispose]: folder[Symbol.dispose] }
}

describe('countersign client usage', () => {
  it('tells what was used, what never was, and where nothing is known', async () => {
    using here = await registry()
    const before = await here.run('client usage billing --json')
    expect(JSON.parse(before.stdout)).toHaveLength(4)
    expect(before.stdout).not.toContain('"told_since": "')
    expect(JSON.parse((await here.run('client usage --unused --json')).stdout)).toEqual([])

    const used = Math.floor(Date.now() / 1000) - 7200
    {
      await using server = await startCommand(['serve', '--port', '0'], { env: here.env })
      const authorization = `Basic ${btoa(`orders-api:${here.apiSecret}`)}`
      const { status } = await fetch(`${server.ready['issuer']}/usage`, {
        method: 'POST',
        headers: { authorization },
        body: new URLSearchParams({
          resource: ORDERS,
          usage: JSON.stringify({ uses: [['billing', 'read', 12, used]] }),
        }),
      })
      expect(status).toBe(200)
      expect(await server.stop()).toBe(0)
      const line = server
        .text()
        .stderr.split('\n')
        .find((one) => one.includes('usage.reported'))
      expect(JSON.parse(line ?? '')).toMatchObject({
        client_id: 'orders-api',
        resource: ORDERS,
        uses: 1,
        unknown: 0,
      })
    }

    expect((await here.run('client usage billing')).stdout).toBe(
      `CLIENT   RESOURCE                  SCOPE  CALLS  LAST USED    TOLD SINCE
billing  https://invoices.example  read   -      unknown      never
billing  https://invoices.example  write  -      unknown      never
billing  https://orders.example    read   12     2 hours ago  2 hours ago
billing  https://orders.example    write  0      never        2 hours ago
`,
    )
    const unused = await here.run('client usage --unused --json')
    expect(JSON.parse(unused.stdout)).toEqual([
      {
        client_id: 'billing',
        resource: ORDERS,
        scope: 'write',
        calls: 0,
        last_used_at: null,
        told_since: new Date(used * 1000).toISOString(),
      },
    ])
  })

  it('knows who is no client', async () => {
    using here = await registry()
    const { code, stderr } = await here.run('client usage biling')
    expect([code, stderr]).toEqual([7, expect.stringContaining("did you mean 'billing'?")])
  })
})
