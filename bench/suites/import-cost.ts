import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Suite } from '../lib/report.ts'
import { summarize } from '../lib/rounds.ts'

const CONTESTANTS = [
  { name: 'an empty package', role: 'floor', specifier: '@countersign/bench' },
  { name: '@countersign/client', role: 'ours', specifier: '@countersign/client' },
  { name: '@badgateway/oauth2-client', role: 'peer', specifier: '@badgateway/oauth2-client' },
  { name: 'openid-client', role: 'peer', specifier: 'openid-client' },
  { name: 'google-auth-library', role: 'peer', specifier: 'google-auth-library' },
  { name: '@azure/msal-node', role: 'peer', specifier: '@azure/msal-node' },
] as const

const TITLE = 'Import alone, in a process of its own'
const BUILT = fileURLToPath(new URL('../../packages/client/dist/index.js', import.meta.url))

/** What importing a client costs a process that does nothing else. Needs `npm run build` first. */
export const importCost: Suite = {
  name: 'import-cost',
  async run(quick) {
    if (!existsSync(BUILT)) {
      const conditions = 'skipped: the packages are not built (npm run build)'
      return [{ title: TITLE, conditions, measurements: [] }]
    }
    const rounds = quick ? 5 : 11
    const milliseconds = CONTESTANTS.map((): number[] => [])
    const megabytes = CONTESTANTS.map((): number[] => [])
    for (let round = 0; round <= rounds; round++) {
      for (const [index, { specifier }] of CONTESTANTS.entries()) {
        const [took, grew] = await importing(specifier)
        if (round === 0) continue
        milliseconds[index]?.push(took * 1e6)
        megabytes[index]?.push(grew)
      }
    }
    const memory = summarize(CONTESTANTS, megabytes).map(
      ({ name, nanoseconds }) => `${name} ${(nanoseconds / 1e6).toFixed(1)} MB`,
    )
    return [
      {
        title: TITLE,
        conditions: `built output; memory added: ${memory.join(', ')}`,
        measurements: summarize(CONTESTANTS, milliseconds),
      },
    ]
  },
}

async function importing(
  specifier: string,
): Promise<readonly [milliseconds: number, bytes: number]> {
  const script = `const before = process.memoryUsage().rss
const start = performance.now()
await import(${JSON.stringify(specifier)})
console.log(performance.now() - start, process.memoryUsage().rss - before)`
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', script],
    { cwd: import.meta.dirname },
  )
  const [took = NaN, grew = NaN] = stdout.split(' ').map(Number)
  return [took, grew]
}
