import { spawnSync } from 'node:child_process'
import { startListeningProgram, type ListeningProgram } from './listening-program.ts'
import type { Identity } from './test-pki.ts'

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

/** An nginx that ends TLS before an API and hands the client's certificate on. */
export function startNginx({
  upstream,
  identity,
  clientAuthority,
}: NginxOptions): Promise<ListeningProgram> {
  return startNginxWith({ identity, clientAuthority }, (port, folder) =>
    frontServer(port, folder, upstream),
  )
}

/** An nginx with `server` blocks of a test's own: `site` is what stands in the `http` context. */
export function startNginxWith(
  { identity, clientAuthority }: Omit<NginxOptions, 'upstream'>,
  site: (port: number, folder: string) => string,
): Promise<ListeningProgram> {
  return startListeningProgram({
    program: 'nginx',
    args: (folder) => ['-p', folder, '-c', `${folder}/nginx.conf`, '-e', 'error.log'],
    errorLog: 'error.log',
    files: (folder, port) => ({
      'server.pem': identity.cert,
      'server.key': identity.key,
      'clients.pem': clientAuthority,
      'nginx.conf': configuration(folder, site(port, folder)),
    }),
  })
}

function configuration(folder: string, site: string): string {
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
  ${site}
}
`
}

function frontServer(port: number, folder: string, upstream: string): string {
  return `
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
  }`
}
