import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { postgresStore } from '@countersign/stores/postgres'
import { runCommand, startCommand, type Outcome } from '../packages/cli/test/run-command.ts'
import { expectNothingLost, stopUnderLoad } from '../packages/cli/test/stop-under-load.ts'
import { statusOf } from '../packages/stores/test/token-requests.ts'
import { freePort } from '../packages/cli/test/free-port.ts'
import { hasProgram } from './servers/machine.ts'
import { postgresqlSchema, type PostgresqlSchema } from './servers/postgresql-schema.ts'
import { BIN, startPostgresql, type RunningPostgresql } from './servers/postgresql.ts'

const here = hasProgram(`${BIN}/initdb`, 'PostgreSQL 15')

describe.skipIf(!here)('countersign on a real PostgreSQL', () => {
  let database: RunningPostgresql
  let schema: PostgresqlSchema
  let folder = ''
  beforeAll(async () => {
    database = await startPostgresql(await freePort())
  }, 60_000)
  afterAll(() => database[Symbol.asyncDispose]())
  beforeEach(async () => {
    schema = await postgresqlSchema(database)
    folder = mkdtempSync(join(tmpdir(), 'countersign-'))
  })
  afterEach(async () => {
    await schema.drop()
    rmSync(folder, { recursive: true })
  })

  function run(line: string, db = schema.url): Promise<Outcome> {
    return runCommand([...line.split(' '), '--master-key-file', join(folder, 'keys')], {
      env: { COUNTERSIGN_DB: db },
    })
  }

  it('makes a registry where there is none, once, and works on it', async () => {
    const missing = await run('client list')
    expect(missing).toMatchObject({ code: 8, stdout: '' })
    expect(missing.stderr).toContain('there is no registry in this PostgreSQL')
    expect(existsSync(join(folder, 'keys'))).toBe(false)
    expect(await run('client create billing --create')).toMatchObject({ code: 0, stderr: '' })
    expect((await run('client list')).stdout).toContain('billing')
    // The keys are lost: fresh ones would open nothing.
    rmSync(join(folder, 'keys'))
    expect((await run('client create other --create')).stderr).toContain('no master keys')
    expect((await run('backup copy.db')).stderr).toContain('pg_dump')
  })

  it('serves from it, and sees at once what another command changes', async () => {
    const keys = ['--master-key-file', join(folder, 'keys')]
    await using serving = await startCommand(['serve', '--port', '0', ...keys], {
      env: { COUNTERSIGN_DB: schema.url },
    })
    const made = serving
      .text()
      .stdout.split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, string>)
      .find((event) => event['client_secret'] !== undefined)
    const client = {
      clientId: made?.['client_id'] ?? '',
      clientSecret: made?.['client_secret'] ?? '',
    }
    const origin = serving.ready['issuer'] ?? ''
    expect(await statusOf(origin, client)).toBe(200)
    expect((await run(`client disable ${client.clientId}`)).code).toBe(0)
    await vi.waitFor(async () => expect(await statusOf(origin, client)).toBe(401), 5000)
  })

  it('loses nothing of what it answered when SIGTERM stops it in the middle of requests', async () => {
    const argv = ['--master-key-file', join(folder, 'keys')]
    const answered = await stopUnderLoad(argv, { COUNTERSIGN_DB: schema.url })
    await expectNothingLost(postgresStore({ pool: schema.pool() }), answered)
  })

  it('says that it cannot be reached, and shows no password', async () => {
    const gone = `postgres://root:marker-71ac@127.0.0.1:${await freePort()}/postgres`
    const outcome = await run('client list', gone)
    expect(outcome.code).not.toBe(0)
    expect(outcome.stderr).toContain('PostgreSQL')
    expect(JSON.stringify(outcome)).not.toContain('marker-71ac')
  })
})
