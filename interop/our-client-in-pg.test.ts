import { createClient } from '@countersign/client'
import { handClock, startLoopbackServer, type LoopbackServer } from '@countersign/testkit'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { passwordFrom } from '@countersign/client/credentials'
import { BIN, startPostgresql, type RunningPostgresql } from './servers/postgresql.ts'
import { freePort } from '../packages/cli/test/free-port.ts'
import { hasProgram } from './servers/machine.ts'

const hasPostgresql = hasProgram(`${BIN}/initdb`, 'PostgreSQL 15')

let database: RunningPostgresql
let tokens: LoopbackServer
let password = ''
beforeAll(async () => {
  database = await startPostgresql(await freePort())
  await database.execute('CREATE ROLE billing LOGIN')
  tokens = await startLoopbackServer(() =>
    Response.json({ access_token: password, token_type: 'Bearer', expires_in: 600 }),
  )
}, 60_000)
afterAll(async () => {
  await tokens.close()
  await database[Symbol.asyncDispose]()
})

/** From here on another token is issued, and the database takes that one only. */
async function turnTokens(): Promise<void> {
  password = `eyJ0b2tlbiI6.${crypto.randomUUID()}.${'x'.repeat(800)}.~+/-_=`
  await database.execute(`ALTER ROLE billing PASSWORD '${password}'`)
}

const connection = () => ({
  host: '127.0.0.1',
  port: database.port,
  user: 'billing',
  database: 'postgres',
})

async function whoAmI(pool: pg.Pool): Promise<unknown> {
  const { rows } = await pool.query('SELECT current_user AS name')
  return rows[0]
}

describe.runIf(hasPostgresql)('passwordFrom in pg', () => {
  it('opens each connection with the token of the moment, renewed when it ends or is refused', async () => {
    const clock = handClock(1_000_000)
    await using auth = createClient({
      tokenEndpoint: `${tokens.origin}/token`,
      clientId: 'billing',
      clientSecret: 's3cret',
      now: clock.now,
    })
    await turnTokens()
    const options = { ...connection(), password: passwordFrom(auth.source, { now: clock.now }) }
    const pool = new pg.Pool(options)
    const names = await Promise.all(Array.from({ length: 8 }, () => whoAmI(pool)))
    expect(names).toEqual(Array.from({ length: 8 }, () => ({ name: 'billing' })))
    expect(tokens.requests).toHaveLength(1)

    await turnTokens()
    expect(await whoAmI(pool)).toEqual({ name: 'billing' })
    clock.advance(601_000)
    const later = new pg.Pool(options)
    expect(await whoAmI(later)).toEqual({ name: 'billing' })
    expect(tokens.requests).toHaveLength(2)

    await turnTokens()
    const refused = new pg.Client(options)
    refused.on('error', () => {})
    await expect(refused.connect()).rejects.toMatchObject({ code: '28P01' })
    await auth.getToken({ rejected: await auth.getToken() })
    const renewed = new pg.Pool(options)
    expect(await whoAmI(renewed)).toEqual({ name: 'billing' })
    await Promise.all([pool, later, renewed].map((one) => one.end()))
  })

  it('fails to connect, and says why, where no token can be had', async () => {
    await using auth = createClient({
      tokenEndpoint: 'http://127.0.0.1:9/token',
      clientId: 'billing',
      clientSecret: 'MARKER-SECRET',
    })
    const client = new pg.Client({ ...connection(), password: passwordFrom(auth.source) })
    client.on('error', () => {})
    const failed: unknown = await client.connect().catch((error: unknown) => error)
    expect(failed).toMatchObject({ code: 'ERR_NETWORK' })
    expect(String(failed)).not.toContain('MARKER')
  })
})
