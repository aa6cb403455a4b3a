import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { CommandFailure } from '../errors/command-failure.ts'
import { openStore } from './open-store.ts'
import { isPostgresUrl } from './postgres-url.ts'

function failureOf(work: () => unknown): CommandFailure {
  try {
    work()
  } catch (error) {
    if (error instanceof CommandFailure) return error
  }
  throw new Error('there was no CommandFailure')
}

describe('openStore', () => {
  it.each([
    ['postgres://db.example.test/countersign', true],
    ['postgresql://user:password@127.0.0.1:5432/x?sslmode=require', true],
    ['POSTGRES://db.example.test', true],
    ['countersign.db', false],
    ['/var/lib/postgres:/countersign.db', false],
    ['./postgres.db', false],
  ])('takes %s for a PostgreSQL: %s', (db, expected) => {
    expect(isPostgresUrl(db)).toBe(expected)
  })

  it('says what to install where pg is missing', () => {
    const failure = failureOf(() =>
      openStore('postgres://127.0.0.1/x', () => {
        throw Object.assign(new Error('no pg'), { code: 'MODULE_NOT_FOUND' })
      }),
    )
    expect(failure.message).toBe('PostgreSQL needs the package pg')
    expect(inspect(failure)).toContain('npm install pg')
  })

  it('does not show a URL that it cannot read: a password may be in it', () => {
    const failure = failureOf(() => openStore('postgres://user:marker-5e1f@[::bad/x'))
    expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain('marker-5e1f')
  })
})
