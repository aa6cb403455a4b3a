import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'

const PROGRAM = `
import { createAuthorizationServer } from '@countersign/server'
if (typeof createAuthorizationServer !== 'function') throw new Error('there is no server')
console.log(process.moduleLoadList.filter((one) => /^NativeModule [a-z]/.test(one)).join(' '))
`

describe('importing the server', () => {
  it('loads nothing of Node for threads and command lines, as an import of node:util would', () => {
    const argv = ['-C', '@countersign/source', '--input-type=module', '--eval', PROGRAM]
    const loaded = execFileSync(process.execPath, argv, {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    })
    expect(loaded).toContain(' crypto ')
    expect(loaded).not.toMatch(/worker_threads|parse_args/)
  })
})
