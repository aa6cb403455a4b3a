import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { calledAs } from './called-as.ts'

const WORDS = { execPath: process.execPath, execArgv: [], argv: [process.execPath, '/x/bin.ts'] }

describe('calledAs', () => {
  it('says nothing where countersign is a command already', () => {
    expect(calledAs({ ...WORDS, env: {} })).toBeUndefined()
    expect(calledAs({ ...WORDS, env: { npm_lifecycle_event: 'test' } })).toBeUndefined()
  })

  it('goes by npx where npx started it', () => {
    expect(calledAs({ ...WORDS, env: { npm_lifecycle_event: 'npx' } })).toBe(
      'countersign() { npx @countersign/cli "$@"; }',
    )
  })

  it('names the very program under npm run, conditions included', () => {
    const line = calledAs({
      env: { npm_lifecycle_event: 'countersign' },
      execPath: '/opt/node',
      execArgv: ['-C', '@countersign/source'],
      argv: ['/opt/node', "/my it's/bin.ts"],
    })
    expect(line).toBe(
      `countersign() { /opt/node -C @countersign/source '/my it'\\''s/bin.ts' "$@"; }`,
    )
  })

  it('makes a command that a shell runs', () => {
    const line = calledAs({
      env: { npm_lifecycle_event: 'countersign' },
      execPath: process.execPath,
      execArgv: ['--no-deprecation', '-p'],
      argv: ['', "'it runs, ' + process.argv.at(-1)"],
    })
    const printed = execFileSync('sh', ['-c', `${line}\ncountersign "$1"`, 'sh', 'with blanks'])
    expect(String(printed)).toBe('it runs, with blanks\n')
  })
})
