import { describe, expect, it } from 'vitest'
import { runCommand } from './run-command.ts'
import { temporaryFolder } from './temporary-folder.ts'

describe('countersign inspect', () => {
  it('says that a client secret is no token, and shows nothing of it', async () => {
    using folder = temporaryFolder()
    const created = await runCommand([
      'client',
      'create',
      'billing',
      '--create',
      '--db',
      folder.file('a.db'),
      '--json',
    ])
    const { client_secret: secret } = JSON.parse(created.stdout) as { client_secret: string }
    const { code, stdout, stderr } = await runCommand(['inspect', secret])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toBe(
      'error: this is a client secret, not a token\ncure: Get one with it: countersign token\n',
    )
  })

  it('wants the token without the answer around it', async () => {
    const stdin = '{"access_token":"abc"}'
    const { code, stderr } = await runCommand(['inspect', '-'], { stdin })
    expect(code).toBe(2)
    expect(stderr).toContain('cure: Give the token alone, without the JSON or header around it\n')
  })

  it.each(['Bearer abc', 'bearer   abc', 'DPoP abc', ' abc\n'])(
    'takes a token out of its header: %j',
    async (given) => {
      const bare = await runCommand(['inspect', 'abc', '--json'])
      expect(bare.code).toBe(0)
      expect(await runCommand(['inspect', given, '--json'])).toEqual(bare)
      expect(await runCommand(['inspect', '-', '--json'], { stdin: given })).toEqual(bare)
    },
  )

  it.each(['', ' ', 'Bearer', 'Bearer '])('says that there is no token in %j', async (stdin) => {
    const { code, stderr } = await runCommand(['inspect', '-'], { stdin })
    expect([code, stderr]).toEqual([2, expect.stringContaining('error: there is no token\n')])
  })
})
