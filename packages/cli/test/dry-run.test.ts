import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ownRegistry } from './own-registry.ts'

interface Planned {
  readonly dry_run: boolean
  readonly changes: readonly { readonly record: Readonly<Record<string, unknown>> }[]
}

describe('--dry-run', () => {
  it('shows what would be written, writes nothing and no secret', async () => {
    using here = ownRegistry()
    await here.run('client create billing --create')
    await here.run('resource create urn:orders --scope read')
    const lines = [
      'client create another --dry-run --secret-file nowhere',
      'client rotate billing --dry-run',
      'client disable billing --dry-run',
      'resource create urn:other --scope read --dry-run',
      'grant billing urn:orders read --dry-run',
      'key rotate --dry-run',
    ]
    const before = await everything(here)
    for (const line of lines) {
      const { code, stdout, stderr } = await here.run(line)
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout).toMatch(/^would (?:create|change) .+/)
      expect(stdout).toMatch(/\ndry run: nothing was written\n$/)
      expect(stdout).not.toMatch(/secret:|digest|sealed/)
      const planned = JSON.parse((await here.run(`${line} --json`)).stdout) as Planned
      expect(planned).toMatchObject({ dry_run: true })
      // As everywhere: names in snake_case, instants in ISO 8601.
      for (const { record } of planned.changes) {
        expect(Object.keys(record).join(' ')).toMatch(/^[a-z_ ]+$/)
        expect(record).toHaveProperty('created_at', expect.stringMatching(/^\d{4}-.+Z$/))
      }
    }
    expect(await everything(here)).toBe(before)
    expect(existsSync('nowhere')).toBe(false)
  })

  it('checks the change as if it were made', async () => {
    using here = ownRegistry()
    await here.run('client create billing --create')
    const { code, stdout, stderr } = await here.run('client create billing --dry-run')
    expect([code, stdout]).toEqual([7, ''])
    expect(stderr).toContain('exists')
  })

  it('says so where there is nothing to change', async () => {
    using here = ownRegistry()
    await here.run('client create billing --create')
    expect((await here.run('key reseal --dry-run')).stdout).toBe(
      'there is nothing to change\ndry run: nothing was written\n',
    )
  })

  it('makes no database', async () => {
    using here = ownRegistry()
    expect((await here.run('client create billing --create --dry-run')).code).toBe(8)
    expect(existsSync(here.file('a.db'))).toBe(false)
  })
})

async function everything(here: ReturnType<typeof ownRegistry>): Promise<string> {
  const lists = await Promise.all(
    ['client list --json', 'resource list --json', 'key list --json'].map((one) => here.run(one)),
  )
  return lists.map(({ stdout }) => stdout).join('')
}
