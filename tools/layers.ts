import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { sourceImports } from './source-imports.ts'

/** What each package may see of the others at run time; one that is not named sees nothing. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  client: ['protocol'],
  verify: ['protocol'],
  guard: ['protocol', 'verify'],
  server: ['protocol', 'verify'],
  stores: ['protocol', 'verify', 'client', 'guard', 'server'],
  testkit: ['protocol', 'verify', 'client', 'guard', 'server', 'stores'],
  cli: ['protocol', 'verify', 'client', 'guard', 'server', 'stores'],
}

/** Packages that must load on every runtime, and the sources of theirs that may name node types. */
const RUNTIME_NEUTRAL: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  client: [],
  verify: [],
  guard: ['src/node.ts', 'src/express.ts', 'src/lib/adapters/'],
}

const SCOPE = '@countersign/'

/**
 * Every place under `root` where a package reaches outside its layer, one line each.
 *
 * Looks at the manifests and at the imports of sources that are not tests. Tests may use the testkit
 * on top, and only that.
 */
export function layerFaults(root: string): string[] {
  const packages = readdirSync(join(root, 'packages')).filter((name) =>
    existsSync(join(root, 'packages', name, 'package.json')),
  )
  return packages.flatMap((name) => [
    ...manifestFaults(root, name),
    ...sourceFiles(root, name).flatMap((file) => sourceFileFaults(root, name, file)),
  ])
}

function manifestFaults(root: string, name: string): string[] {
  const file = join(root, 'packages', name, 'package.json')
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Record<string, object | undefined>
  const named = (member: string): string[] => ours(Object.keys(manifest[member] ?? {}))
  const runtime = ['dependencies', 'peerDependencies', 'optionalDependencies'].flatMap(named)
  return [
    ...runtime.flatMap((other) => edgeFault(relative(root, file), name, other)),
    ...named('devDependencies')
      .filter((other) => other !== 'testkit')
      .map(
        (other) => `${relative(root, file)}: devDependencies may name testkit only, not ${other}`,
      ),
  ]
}

function sourceFileFaults(root: string, name: string, path: string): string[] {
  const file = relative(root, path)
  return sourceImports(readFileSync(path, 'utf8')).flatMap(({ specifier, typeOnly }) => {
    if (specifier.startsWith('node:')) return nodeFault(file, name, specifier, typeOnly)
    if (specifier.startsWith('.')) return relativeFault(root, file, name, specifier)
    return ours([specifier]).flatMap((other) =>
      other === name ? [] : edgeFault(file, name, other),
    )
  })
}

function edgeFault(file: string, from: string, to: string): string[] {
  const allowed = LAYERS[from] ?? []
  if (allowed.includes(to)) return []
  const may = allowed.length === 0 ? 'no other package' : allowed.join(', ')
  return [`${file}: ${from} -> ${to} is not allowed; ${from} may use ${may}`]
}

function nodeFault(file: string, name: string, specifier: string, typeOnly: boolean): string[] {
  const exempt = RUNTIME_NEUTRAL[name]
  if (exempt === undefined) return []
  const inside = file.slice(`packages/${name}/`.length)
  if (typeOnly && exempt.some((path) => inside.startsWith(path))) return []
  return [`${file}: ${name} -> ${specifier} is not allowed; ${name} must load on every runtime`]
}

function relativeFault(root: string, file: string, name: string, specifier: string): string[] {
  const home = join(root, 'packages', name)
  const target = join(root, file, '..', specifier)
  return relative(home, target).startsWith('..')
    ? [`${file}: ${specifier} leaves the package; import another package by its name`]
    : []
}

function sourceFiles(root: string, name: string): string[] {
  return globSync('src/**/*.ts', { cwd: join(root, 'packages', name) })
    .filter((path) => !/\.test(-d)?\.ts$/.test(path))
    .map((path) => join(root, 'packages', name, path))
}

/** The packages of this workspace among package names or import specifiers, scope taken off. */
function ours(names: readonly string[]): string[] {
  return names
    .filter((name) => name.startsWith(SCOPE))
    .map((name) => name.slice(SCOPE.length).split('/', 1)[0] ?? '')
}
