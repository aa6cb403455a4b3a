import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { startAuthorizationServer, type RunningAuthorizationServer } from '@countersign/testkit'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { hasProgram } from './servers/machine.ts'
import { makeTestPki, type TestPki } from './servers/test-pki.ts'

const NGINX_CONF = join(import.meta.dirname, '..', 'deploy', 'nginx.conf')
const canRun = hasNginx() && hasProgram('openssl')

/** nginx writes its version to standard error, and has no `--version`. */
function hasNginx(): boolean {
  try {
    execFileSync('nginx', ['-v'], { stdio: 'ignore' })
    return true
  } catch {
    console.log('skipped: no nginx')
    return false
  }
}

/** The file from deploy/, with the addresses and paths of this test in place of a host's. */
function configuration(folder: string, upstream: string, port: number): string {
  const site = readFileSync(NGINX_CONF, 'utf8')
    .replace('127.0.0.1:8460', upstream)
    .replaceAll('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
    .replaceAll('/etc/nginx/tls', folder)
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(' ')
  return `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
events {} http { access_log off; ${places} ${site} }`
}

let folder: string
let running: RunningAuthorizationServer
let pki: TestPki
let port = 0
let stopNginx: () => Promise<unknown> = async () => {}

beforeAll(async () => {
  if (!canRun) return
  folder = mkdtempSync(join(tmpdir(), 'countersign-nginx-'))
  mkdirSync(folder, { recursive: true })
  const made = await makeTestPki()
  if (made === undefined) throw new Error('no certificates')
  pki = made
  running = await startAuthorizationServer()
  port = await freePort()
  writeFileSync(join(folder, 'auth.pem'), pki.server.cert)
  writeFileSync(join(folder, 'auth.key'), pki.server.key)
  writeFileSync(join(folder, 'clients-ca.pem'), pki.ca)
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, configuration(folder, new URL(running.origin).host, port))
  const nginx = spawn('nginx', ['-e', join(folder, 'error.log'), '-p', folder, '-c', file], {
    stdio: 'ignore',
  })
  const ended = new Promise((resolve) => nginx.once('exit', resolve))
  stopNginx = () => {
    nginx.kill('SIGQUIT')
    return ended
  }
  await vi.waitFor(() => ask('GET', '/jwks'), { timeout: 10_000 })
})
afterAll(async () => {
  if (!canRun) return
  await stopNginx()
  await running.close()
  rmSync(folder, { recursive: true })
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port: free } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return free
}

/** Asks nginx, under a name of the configuration. */
async function exchange(
  method: string,
  path: string,
  {
    host = 'auth.example.com',
    body = '',
    headers = {},
  }: {
    readonly host?: string
    readonly body?: string
    readonly headers?: Readonly<Record<string, string>>
  } = {},
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        method,
        path,
        ca: pki.ca,
        servername: '',
        checkServerIdentity: () => undefined,
        headers: { host, 'content-length': Buffer.byteLength(body), ...headers },
      },
      (incoming) => {
        void text(incoming).then((answer) =>
          resolve({ status: incoming.statusCode ?? 0, text: answer }),
        )
      },
    )
    outgoing.once('error', reject)
    outgoing.end(body)
  })
}

async function ask(method: string, path: string): Promise<number> {
  return (await exchange(method, path)).status
}

describe.skipIf(!canRun)('our server behind nginx, with deploy/nginx.conf', () => {
  it.each(['auth.example.com', 'mtls.auth.example.com'])(
    'issues tokens over TLS as %s',
    async (host) => {
      const { clientId, clientSecret } = running.client
      const { status, text: answer } = await exchange('POST', '/token', {
        host,
        body: `grant_type=client_credentials&client_id=${clientId}&client_secret=${clientSecret}`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      })
      expect(status).toBe(200)
      expect(JSON.parse(answer)).toMatchObject({ token_type: 'Bearer', expires_in: 3600 })
    },
  )

  it('serves the metadata, and refuses a body that is no token request', async () => {
    expect(await ask('GET', '/.well-known/oauth-authorization-server')).toBe(200)
    const { status } = await exchange('POST', '/token', {
      body: 'x'.repeat(100_000),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect(status).toBe(413)
  })
})
