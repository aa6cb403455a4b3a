import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startLoopbackServer } from '@countersign/testkit'

const MODULES = join(import.meta.dirname, '..', '..', 'node_modules')

/** A registry on a loopback port: npm can install from it what this repository has installed. */
export function startNpmRegistry(): ReturnType<typeof startLoopbackServer> {
  return startLoopbackServer(async (request) => {
    const { origin, pathname } = new URL(request.url)
    const name = decodeURIComponent(pathname.slice(1)).replace(/\.tgz$/, '')
    const manifest = join(MODULES, name, 'package.json')
    // Ours come as archives: the folders that stand for them here are no packages of a registry.
    if (name.startsWith('@countersign/') || !existsSync(manifest)) {
      return Response.json({ error: 'not found' }, { status: 404 })
    }
    if (pathname.endsWith('.tgz')) return new Response(await archive(join(MODULES, name)))
    const described = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }
    const { version } = described
    const dist = { tarball: `${origin}/${name}.tgz` }
    return Response.json({
      name,
      'dist-tags': { latest: version },
      versions: { [version]: { ...described, dist } },
    })
  })
}

async function archive(folder: string): Promise<Uint8Array<ArrayBuffer>> {
  const args = ['-cz', '--exclude=./node_modules', '--transform=s,^\\.,package,', '-C', folder, '.']
  const options = { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 } as const
  const { stdout } = await promisify(execFile)('tar', args, options)
  return Uint8Array.from(stdout)
}
