import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Makes, out of this machine's own files, the root of an image that stands for `node:24-slim`: Node, npm,
 * a shell, what the Containerfile runs, and the user `node`.
 */
export function makeNodeBase(root: string): void {
  for (const folder of [
    'tmp',
    'proc',
    'dev',
    'etc',
    'usr/local/bin',
    'usr/local/lib/node_modules',
  ]) {
    mkdirSync(join(root, folder), { recursive: true })
  }
  execFileSync('chmod', ['1777', join(root, 'tmp')])
  writeFileSync(
    join(root, 'etc/passwd'),
    'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n',
  )
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnode:x:1000:\n')
  const programs = ['sh', 'env', 'id', 'install', 'rm', 'touch'].map((name) => `/usr/bin/${name}`)
  const files = [...programs, ...[...programs, process.execPath].flatMap(librariesOf)]
  execFileSync('cp', ['--dereference', '--parents', ...new Set(files), root])
  cpSync(process.execPath, join(root, 'usr/local/bin/node'), { dereference: true })
  cpSync(npmFolder(), join(root, 'usr/local/lib/node_modules/npm'), {
    recursive: true,
    dereference: true,
  })
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'))
  symlinkSync('usr/bin', join(root, 'bin'))
}

function librariesOf(program: string): string[] {
  const listed = execFileSync('ldd', [program], { encoding: 'utf8' })
  return Array.from(listed.matchAll(/(\/\S+) \(0x/g), ([, path = '']) => path)
}

function npmFolder(): string {
  const program = execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim()
  return dirname(dirname(realpathSync(program)))
}
