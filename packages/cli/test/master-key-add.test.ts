import { chownSync, readFileSync, statSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ownRegistry } from './own-registry.ts'
import { runCommand } from './run-command.ts'

describe('countersign master-key add', () => {
  it('adds a key that is the first or the second, and everything before still works', async () => {
    using here = ownRegistry()
    const created = await here.run('client create billing --create')
    expect(created.code).toBe(0)
    const file = here.file('a.db.keys')
    expect(JSON.parse((await here.run('master-key add --json')).stdout)).toEqual({
      version: 2,
      master_key_file: file,
    })
    expect((await here.run('master-key add --second')).code).toBe(0)
    const lines = readFileSync(file, 'utf8').trim().split('\n')
    expect(lines.map((line) => line.split(':', 1)[0])).toEqual(['2', '3', '1'])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect((await here.run('client rotate billing')).code).toBe(0)
  })

  it('leaves the file to its owner, where root does it for a server that is another user', async () => {
    using here = ownRegistry()
    await here.run('client create billing --create')
    const file = here.file('a.db.keys')
    if (process.getuid?.() === 0) chownSync(file, 4321, 4322)
    const { uid, gid } = statSync(file)
    expect((await here.run('master-key add')).code).toBe(0)
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(2)
    expect(statSync(file)).toMatchObject({ uid, gid })
  })

  it('writes nothing with --dry-run, and says where it cannot write', async () => {
    using here = ownRegistry()
    await here.run('client create billing --create')
    const file = here.file('a.db.keys')
    const before = readFileSync(file, 'utf8')
    const planned = await here.run('master-key add --second --dry-run')
    expect(planned).toEqual({
      code: 0,
      stdout:
        `would create master key 2: {"version":2,"line":2,"master_key_file":"${file}"}\n` +
        'dry run: nothing was written\n',
      stderr: '',
    })
    expect(JSON.parse((await here.run('master-key add --dry-run --json')).stdout)).toEqual({
      dry_run: true,
      changes: [
        {
          kind: 'master_key',
          key: '2',
          action: 'create',
          record: { version: 2, line: 1, master_key_file: file },
        },
      ],
    })
    expect(readFileSync(file, 'utf8')).toBe(before)
    const { code, stderr } = await runCommand(['master-key', 'add'], {
      env: { COUNTERSIGN_DB: here.file('a.db'), COUNTERSIGN_MASTER_KEYS: before },
    })
    expect([code, stderr]).toEqual([8, expect.stringContaining('--master-key-file')])
  })
})
