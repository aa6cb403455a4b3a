import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'

/** Where Debian puts its programs. */
export const BIN = '/usr/lib/postgresql/15/bin'
const run = promisify(execFile)

/** A PostgreSQL server of its own, on a loopback port, that lets in by SCRAM password only. */
export interface RunningPostgresql extends AsyncDisposable {
  readonly port: number
  /** How its superuser gets in. */
  readonly connection: {
    readonly host: string
    readonly port: number
    readonly user: string
    readonly password: string
    readonly database: string
  }
  /** Stops it as a crash would and starts it again: every connection breaks. */
  restart(): Promise<void>
  /** Runs a statement as the superuser. */
  execute(statement: string): Promise<void>
}

/** Starts PostgreSQL 15 in a folder that goes with it. It does not run as root: then as `postgres`. */
export async function startPostgresql(port: number): Promise<RunningPostgresql> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-postgresql-'))
  const data = join(folder, 'data')
  const secret = join(folder, 'password')
  const password = crypto.randomUUID()
  await writeFile(secret, password)
  const isRoot = process.getuid?.() === 0
  if (isRoot) await run('chown', ['-R', 'postgres', folder])
  else await chmod(folder, 0o700)

  async function command(name: string, ...args: readonly string[]): Promise<void> {
    const program = join(BIN, name)
    // A server goes on after the command that starts it: it must not hold the command's pipes.
    const quiet = ['-c', '"$@" >/dev/null 2>&1 </dev/null', 'sh']
    const asUser = ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups']
    await run('sh', [...quiet, ...(isRoot ? asUser : []), program, ...args], { cwd: folder })
  }

  await command(
    'initdb',
    '-D',
    data,
    '-U',
    'root',
    '-A',
    'scram-sha-256',
    '--no-sync',
    `--pwfile=${secret}`,
  )
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder} -c fsync=off`
  await command('pg_ctl', '-D', data, '-w', '-o', settings, 'start')
  const connection = { host: '127.0.0.1', port, user: 'root', password, database: 'postgres' }
  const administrator = new pg.Pool({ ...connection, max: 1 })
  administrator.on('error', () => {})
  return {
    port,
    connection,
    async execute(statement) {
      await administrator.query(statement)
    },
    async restart() {
      await command('pg_ctl', '-D', data, '-w', '-m', 'immediate', '-o', settings, 'restart')
    },
    async [Symbol.asyncDispose]() {
      await administrator.end()
      await command('pg_ctl', '-D', data, '-m', 'immediate', 'stop')
      await rm(folder, { recursive: true })
    },
  }
}
