import type { Command } from '../command.ts'
import { REGISTRY_OPTIONS } from '../registry/registry-options.ts'
import { SERVER_OPTIONS } from '../serve/server-settings.ts'
import { DEFAULT_HOST, DEFAULT_PORT, DEFAULT_RESOURCE } from '../serve/serve-defaults.ts'

/** Runs an authorization server. */
export const serve: Command = {
  name: 'serve',
  summary: 'Run an authorization server, until it is stopped',
  usage: '[options]',
  about: [
    'The first run makes the database, its master keys, one API and one client, and shows the secret',
    'of that client once. Later runs go on where the last one ended: same keys, same clients.',
    'Changes made by other commands are seen within a second. Events go to standard error, a line',
    'each. Ctrl-C or SIGTERM lets requests under way finish, for 5 seconds at most.',
    'Several servers may share a file on one machine, and a PostgreSQL from anywhere: give all of them',
    'the same --issuer and the same master keys.',
  ],
  operands: [0, 0],
  options: {
    issuer: {
      value: 'URL',
      help: 'The identifier of this server and the address clients use; https beyond this machine. Never change it',
      default: 'http://HOST:PORT',
    },
    host: { value: 'ADDRESS', help: 'Where to listen', default: DEFAULT_HOST },
    port: {
      value: 'PORT',
      help: 'The port to listen on; 0 takes any that is free',
      default: DEFAULT_PORT,
    },
    resource: {
      value: 'URI',
      help: 'The API that the first run registers, with the scopes read and write',
      default: DEFAULT_RESOURCE,
    },
    'metrics-port': {
      value: 'PORT',
      help: 'A port of its own for the metrics, in OpenMetrics text',
      default: 'none',
    },
    ...SERVER_OPTIONS,
    ...REGISTRY_OPTIONS,
  },
  examples: [
    ['countersign serve', 'A server at http://127.0.0.1:8460 over countersign.db'],
    [
      'PGPASSWORD=… countersign serve --db postgres://auth@db.internal/countersign --host 0.0.0.0',
      'One of several servers over a PostgreSQL',
    ],
    [
      'countersign serve --db /var/lib/countersign/registry.db --issuer https://auth.example.com',
      'Behind a proxy that ends TLS',
    ],
    [
      'COUNTERSIGN_MASTER_KEYS=$(cat keys) countersign serve --json',
      'Keys from the environment; lines of JSON, the first with "event":"ready"',
    ],
  ],
  async run(call) {
    const { runServer } = await import('../serve/run-server.ts')
    return runServer(call)
  },
}
