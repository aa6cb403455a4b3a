import { chownSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../packages/cli/test/free-port.ts'
import { buildOurImage, canBuildOurImage, type OurImage } from './servers/our-image.ts'

const canRun = canBuildOurImage()

const used = new AsyncDisposableStack()
let image: OurImage
let volume: string

beforeAll(async () => {
  if (!canRun) return
  image = used.use(await buildOurImage())
  volume = mkdtempSync(join(tmpdir(), 'countersign-volume-'))
  used.defer(() => rmSync(volume, { recursive: true }))
  // A new volume takes after the folder in the image.
  const { uid, gid } = statSync(join(image.root, 'data'))
  chownSync(volume, uid, gid)
}, 180_000)
afterAll(() => used.disposeAsync(), 60_000)

interface FirstClient {
  readonly client_id: string
  readonly client_secret: string
}

function firstClient(lines: readonly string[]): FirstClient | undefined {
  const line = lines.find((one) => one.includes('"event":"first_run"'))
  return line === undefined ? undefined : (JSON.parse(line) as FirstClient)
}

async function tokenStatus(origin: string, client: FirstClient | undefined): Promise<number> {
  const { client_id: id, client_secret: secret } = client ?? {}
  const { status } = await fetch(`${origin}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${id}:${secret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })
  return status
}

describe.skipIf(!canRun)('our server in the image of deploy/Containerfile', () => {
  it('holds the command and nothing of how it came there', async () => {
    const { config, root } = image
    expect(config.Entrypoint.slice(0, 2)).toEqual(['countersign', 'serve'])
    expect(config.Volumes).toEqual({ '/data': {} })
    const { uid, gid, mode } = statSync(join(root, 'data'))
    expect([uid, gid, mode & 0o777]).toEqual([1000, 1000, 0o700])
    expect(readdirSync(join(root, 'opt/countersign/node_modules/pg'))).toContain('package.json')
    expect(readdirSync(join(root, 'tmp'))).toEqual([])
    // Neither npm's settings and cache, nor from where it had what it installed.
    expect(readdirSync(root)).not.toContain('root')
    expect(readdirSync(join(root, 'opt/countersign'))).toEqual(['node_modules', 'package.json'])
    expect(readdirSync(join(root, 'opt/countersign/node_modules'))).not.toContain(
      '.package-lock.json',
    )
  })

  it('serves without rights on a volume, and goes on with its clients and keys after SIGTERM', async () => {
    const port = await freePort()
    const origin = `http://127.0.0.1:${port}`
    const args = ['--issuer', 'https://auth.example.com', '--port', String(port)]
    const health = image.config.Healthcheck.Test.slice(1).map((part) =>
      part.replace('8460', String(port)),
    )
    await using first = await image.start(volume, args)
    const client = firstClient(first.lines)
    expect(await tokenStatus(origin, client)).toBe(200)
    const keys = await (await fetch(`${origin}/jwks`)).text()
    expect(await first.exec(['id', '-u'])).toEqual({ code: 0, stdout: '1000\n' })
    expect((await first.exec(['touch', '/opt/countersign/x'])).code).toBe(1)
    expect((await first.exec(health)).code).toBe(0)
    const created = await first.exec(['countersign', 'client', 'create', 'billing'])
    expect(created.stdout).toContain('client billing created')
    const files = readdirSync(volume).map((name) => [name, statSync(join(volume, name))] as const)
    expect(files.map(([name]) => name)).toEqual(
      expect.arrayContaining(['countersign.db', 'countersign.db.keys']),
    )
    expect(files.map(([, { uid, mode }]) => [uid, mode & 0o777])).toEqual(
      files.map(() => [1000, 0o600]),
    )
    expect(await first.stop()).toBe(0)

    await using second = await image.start(volume, args)
    expect(firstClient(second.lines)).toBeUndefined()
    expect(await tokenStatus(origin, client)).toBe(200)
    expect(await (await fetch(`${origin}/jwks`)).text()).toBe(keys)
    const { stdout } = await second.exec(['countersign', 'client', 'list', '--json'])
    expect(stdout).toContain('"billing"')
    expect(await second.stop()).toBe(0)
  })

  it('is unhealthy to its own health check where nobody answers', async () => {
    const port = await freePort()
    const args = ['--issuer', 'https://auth.example.com', '--port', String(port)]
    await using running = await image.start(volume, args)
    const closed = String(await freePort())
    const health = image.config.Healthcheck.Test.slice(1).map((part) =>
      part.replace('8460', closed),
    )
    expect((await running.exec(health)).code).toBe(1)
  })
})
