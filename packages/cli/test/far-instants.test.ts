import { readFileSync } from 'node:fs'
import { createAdministration, parseMasterKeys } from '@countersign/server'
import { sqliteStore } from '@countersign/stores/sqlite'
import { describe, expect, it } from 'vitest'
import { NOW, ownRegistry } from './own-registry.ts'
import { runCommand } from './run-command.ts'

/** The furthest instant that the administration takes. `Date` ends at 8.64e15. */
const FURTHEST = Number.MAX_SAFE_INTEGER

/** Gives a client a credential that expires beyond the calendar, as a program can. */
async function addCredential(db: string): Promise<string> {
  const keys = parseMasterKeys(readFileSync(`${db}.keys`, 'utf8'))
  if (!keys.ok) throw new Error(keys.reason)
  const store = sqliteStore({ path: db })
  try {
    const { addCredential: add } = createAdministration({ store, masterKeys: keys.value })
    const { credential } = await add('billing', { kind: 'secret', expiresAt: FURTHEST })
    return credential.credentialId
  } finally {
    await store.close()
  }
}

describe('an instant beyond the calendar', () => {
  it('is an expiry that tables tell from now, and JSON as no end', async () => {
    using here = ownRegistry()
    await here.run('client create billing --no-secret --create')
    const id = await addCredential(here.file('a.db'))
    for (const command of ['credential list', 'client list']) {
      const { code, stdout, stderr } = await here.run(command)
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout).toMatch(/active, expires in \d+ days/)
    }
    const listed = await here.run('credential list --json')
    expect(JSON.parse(listed.stdout)).toMatchObject([{ credential_id: id, expires_at: null }])
    const planned = await here.run(`credential disable ${id} --dry-run --json`)
    expect(JSON.parse(planned.stdout)).toMatchObject({
      changes: [{ record: { expires_at: null } }],
    })
    const ended = await here.run(`credential retire ${id} --json`)
    expect(JSON.parse(ended.stdout)).toEqual({
      credential_id: id,
      expires_at: new Date(NOW).toISOString(),
    })
  })

  it.each([8.64e12 + 1, 1e300])('is a claim that inspect can show: %d', async (exp) => {
    const segment = (members: object): string =>
      Buffer.from(JSON.stringify(members)).toString('base64url')
    const token = `${segment({ alg: 'ES256' })}.${segment({ exp, iat: 0 })}.AAAA`
    const text = await runCommand(['inspect', token])
    expect(text).toMatchObject({ code: 0, stderr: '' })
    expect(text.stdout).toContain('beyond the calendar, in ')
    const json = await runCommand(['inspect', token, '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject({
      times: { iat: '1970-01-01T00:00:00.000Z', exp: null },
    })
  })
})
