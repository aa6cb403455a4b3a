import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
const BENCH = join(import.meta.dirname, '..')
const CLIENT = join(BENCH, '../packages/client')

/** What importing a client costs a process that does nothing else. Needs `npm run build` first. */
export const importCost: Suite = {
  name: 'import-cost',
  async run(quick) {
    if (!existsSync(join(CLIENT, 'dist/index.js'))) {
      const conditions = 'skipped: the packages are not built (npm run build)'
      return [{ title: TITLE, conditions, measurements: [] }]
    }
    await using place = await installed()
    const rounds = quick ? 5 : 11
    const milliseconds = CONTESTANTS.map((): number[] => [])
    const owned = CONTESTANTS.map((): number[] => [])
    const resident = CONTESTANTS.map((): number[] => [])
    for (let round = 0; round <= rounds; round++) {
      for (const [index, { role, specifier }] of CONTESTANTS.entries()) {
        const cwd = role === 'peer' ? BENCH : place.folder
        const [took, own, grew] = await importing(specifier, cwd)
        if (round === 0) continue
        milliseconds[index]?.push(took * 1e6)
        owned[index]?.push(own)
        resident[index]?.push(grew)
      }
    }
    const all = summarize(CONTESTANTS, resident)
    const memory = summarize(CONTESTANTS, owned).map(
      ({ name, nanoseconds }, index) =>
        `${name} ${megabytes(nanoseconds)} (${megabytes(all[index]?.nanoseconds)})`,
    )
    return [
      {
        title: TITLE,
        conditions: `built output, as installed; memory of its own (with pages of the node executable): ${memory.join(', ')}`,
        measurements: summarize(CONTESTANTS, milliseconds),
      },
    ]
  },
}

function megabytes(bytes = NaN): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

/** A folder with the floor and the client as an installation lays them out: no links to follow. */
async function installed(): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-import-'))
  const scope = join(folder, 'node_modules/@countersign')
  for (const [name, from, file] of [
    ['bench', BENCH, 'empty.js'],
    ['client', CLIENT, 'dist'],
  ] as const) {
    for (const part of ['package.json', file]) {
      await cp(join(from, part), join(scope, name, part), { recursive: true })
    }
  }
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}

/**
 * What an import takes. Resident memory includes pages of the executable that are read in on the way,
 * shared by all processes of it: megabytes more or less by the alignment of some path. What is the
 * import's own is told apart where the system tells it.
 */
async function importing(
  specifier: string,
  cwd: string,
): Promise<readonly [milliseconds: number, own: number, resident: number]> {
  const script = `import { existsSync, readFileSync } from 'node:fs'
const resident = () => process.memoryUsage().rss
const own = () => {
  if (!existsSync('/proc/self/status')) return resident()
  return 1024 * /RssAnon:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]
}
own()
const before = [own(), resident()]
const start = performance.now()
await import(${JSON.stringify(specifier)})
console.log(performance.now() - start, own() - before[0], resident() - before[1])`
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', script],
    { cwd },
  )
  const [took = NaN, own = NaN, grew = NaN] = stdout.split(' ').map(Number)
  return [took, own, grew]
}
