import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { makeNodeBase } from './node-base-image.ts'
import { startNpmRegistry } from './npm-registry.ts'
import { packPackages } from './packed-packages.ts'

/** What the image says about how it is run. */
export interface ImageConfig {
  readonly User: string
  readonly WorkingDir: string
  readonly Env: readonly string[]
  readonly Entrypoint: readonly string[]
  readonly Volumes: Readonly<Record<string, object>>
  readonly Healthcheck: { readonly Test: readonly string[] }
}

/** The image that deploy/Containerfile makes. */
export interface OurImage extends AsyncDisposable {
  readonly config: ImageConfig
  /** The folder with its files. */
  readonly root: string
  /** Runs its entry point with a folder as its volume and all else read-only, as the user it names. */
  start(volume: string, args: readonly string[]): Promise<RunningImage>
}

/** The image, running in a mount namespace of its own and on this machine's network. */
export interface RunningImage extends AsyncDisposable {
  /** What it has printed on standard output. */
  readonly lines: readonly string[]
  /** Runs another command inside, as `podman exec` does. */
  exec(command: readonly string[]): Promise<{ readonly code: number; readonly stdout: string }>
  /** Sends SIGTERM, and gives the exit code. */
  stop(): Promise<number | null>
}

const BASE = 'docker.io/library/node:24-slim'
const MOUNT = `set -eu
root=$1 volume=$2
shift 2
mount --bind "$root" "$root"
mount --bind "$volume" "$root/data"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -o remount,bind,ro "$root"
exec "$@"`

/** Builds the packages, a base from this machine's files and the image, by buildah as root. */
export async function buildOurImage(): Promise<OurImage> {
  await using undo = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'countersign-image-'))
  undo.defer(() => rmSync(folder, { recursive: true }))
  // The user without rights walks through it.
  chmodSync(folder, 0o755)
  const storage = ['--root', join(folder, 'storage'), '--runroot', join(folder, 'run')]
  const buildah = async (...args: readonly string[]): Promise<string> => {
    const done = await promisify(execFile)('buildah', [...storage, ...args], { timeout: 120_000 })
    return done.stdout.trim()
  }
  undo.defer(async () => {
    await buildah('umount', '--all')
    await buildah('rm', '--all')
    await buildah('rmi', '--all', '--force')
    spawnSync('umount', [join(folder, 'storage/overlay')])
  })
  await using registry = await startNpmRegistry()
  const npmrc = join(folder, 'npmrc')
  writeFileSync(npmrc, `registry=${registry.origin}/\nfetch-retries=0\n`)
  const context = await packPackages(join(folder, 'packed'))
  mkdirSync(join(folder, 'base'))
  makeNodeBase(join(folder, 'base'))
  const base = await buildah('from', 'scratch')
  await buildah('copy', '--quiet', base, join(folder, 'base'), '/')
  await buildah('config', '--env', 'PATH=/usr/local/bin:/usr/bin:/bin', base)
  await buildah('commit', '--quiet', base, BASE)
  const how = ['--pull-never', '--format', 'docker', '--isolation', 'chroot', '--network', 'host']
  const secret = `id=npmrc,src=${npmrc}`
  await buildah('build', ...how, '--secret', secret, '--tag', 'countersign', context)
  const inspected = JSON.parse(await buildah('inspect', '--type', 'image', 'countersign')) as {
    readonly Docker: { readonly config: ImageConfig }
  }
  const { config } = inspected.Docker
  const container = await buildah('from', '--pull-never', 'countersign')
  const root = await buildah('mount', container)
  const made = undo.move()
  return {
    config,
    root,
    start: (volume, args) => startImage({ config, root, volume, args }),
    [Symbol.asyncDispose]: () => made.disposeAsync(),
  }
}

async function startImage({
  config,
  root,
  volume,
  args,
}: {
  readonly config: ImageConfig
  readonly root: string
  readonly volume: string
  readonly args: readonly string[]
}): Promise<RunningImage> {
  const inside = ['/usr/bin/env', '-i', '-C', config.WorkingDir, ...config.Env]
  const [uid = '', gid = ''] = config.User.split(':')
  const enter = ['chroot', `--userspec=${config.User}`, root, ...inside]
  const child = spawn(
    'unshare',
    ['--mount', 'sh', '-c', MOUNT, 'sh', root, volume, ...enter, ...config.Entrypoint, ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let said = ''
  child.stderr.on('data', (part: Buffer) => (said += part.toString()))
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  const lines: string[] = []
  const ready = new Promise<void>((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      lines.push(line)
      if (line.includes('"event":"ready"')) resolve()
    })
  })
  const ended = exited.then((code) => {
    throw new Error(`ended with ${code}: ${said}`)
  })
  await Promise.race([ready, ended])
  const stop = (): Promise<number | null> => {
    child.kill('SIGTERM')
    return exited
  }
  return {
    lines,
    exec(command) {
      const joined = ['--target', String(child.pid), '--mount', '--root', '-S', uid, '-G', gid]
      return new Promise((resolve) => {
        const other = execFile('nsenter', [...joined, ...inside, ...command], (_error, stdout) =>
          resolve({ code: other.exitCode ?? -1, stdout }),
        )
      })
    },
    stop,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await stop()
    },
  }
}

/** Whether this machine can: buildah, as root, with mounts. Says so out loud where it cannot. */
export function canBuildOurImage(): boolean {
  try {
    execFileSync('buildah', ['--version'], { stdio: 'ignore' })
  } catch {
    console.log('skipped: no buildah')
    return false
  }
  if (process.getuid?.() !== 0) {
    console.log('skipped: buildah without root')
    return false
  }
  const { status } = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'none', tmpdir()])
  if (status !== 0) console.log('skipped: buildah without mounts')
  return status === 0
}
