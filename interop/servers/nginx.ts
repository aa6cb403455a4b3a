import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Identity } from './test-pki.ts'

/** An nginx that ends TLS before an API and hands the client's certificate on. */
export interface Nginx extends AsyncDisposable {
  readonly port: number
}

/** Whether this machine has nginx. Says so out loud where it has not. */
export function hasNginx(): boolean {
  const isThere = spawnSync('nginx', ['-v']).status === 0
  if (!isThere) console.log('skipped: no nginx')
  return isThere
}

/** The headers that nginx puts the certificate and its verdict on the chain into. */
export const CERTIFICATE_HEADER = 'x-client-cert'
export const VERDICT_HEADER = 'x-client-verify'

export interface NginxOptions {
  /** Where the API listens, such as `http://127.0.0.1:41234`. */
  readonly upstream: string
  readonly identity: Identity
  /** The authority of the clients, PEM. */
  readonly clientAuthority: string
}

export async function startNginx({
  upstream,
  identity,
  clientAuthority,
}: NginxOptions): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'nginx-'))
  const port = await freePort()
  await writeFile(join(folder, 'server.pem'), identity.cert)
  await writeFile(join(folder, 'server.key'), identity.key)
  await writeFile(join(folder, 'clients.pem'), clientAuthority)
  await writeFile(join(folder, 'nginx.conf'), configuration(folder, port, upstream))
  const child = spawn(
    'nginx',
    ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'error.log'],
    {
      stdio: 'ignore',
    },
  )
  const exit = once(child, 'exit')
  try {
    await Promise.race([
      accepts(port),
      exit.then(async () => {
        throw new Error(await readFile(join(folder, 'error.log'), 'utf8'))
      }),
    ])
  } catch (error) {
    child.kill()
    throw error
  }
  return {
    port,
    async [Symbol.asyncDispose]() {
      child.kill()
      await exit
      await rm(folder, { recursive: true })
    },
  }
}

function configuration(folder: string, port: number, upstream: string): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join('\n')
  return `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events {}
http {
  access_log off;
  ${paths}
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${folder}/server.pem;
    ssl_certificate_key ${folder}/server.key;
    ssl_client_certificate ${folder}/clients.pem;
    ssl_verify_client optional_no_ca;
    location / {
      proxy_pass ${upstream};
      proxy_set_header ${CERTIFICATE_HEADER} $ssl_client_escaped_cert;
      proxy_set_header ${VERDICT_HEADER} $ssl_client_verify;
    }
  }
}
`
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Resolves once somebody listens there. */
async function accepts(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return
    } catch {
      await sleep(25)
    } finally {
      socket.destroy()
    }
  }
  throw new Error('nginx does not listen')
}
