import { describe, expect, it } from 'vitest'
import { explainFailure } from './explain-failure.ts'

describe('explainFailure', () => {
  it('says which Node it needs where this one has no SQLite', async () => {
    const error = Object.assign(new Error('No such built-in module: node:sqlite'), {
      code: 'ERR_UNKNOWN_BUILTIN_MODULE',
    })
    const { exit, message, cure } = await explainFailure(error)
    expect({ exit, message, cure }).toEqual({
      exit: 'configuration',
      message: `this Node (${process.version}) has no SQLite`,
      cure: 'Run it with Node 22.13 or later: see node --version',
    })
  })

  it('shows no message of an error that nobody foresaw', async () => {
    const { message, cure } = await explainFailure(new Error('marker'))
    expect(message + cure).not.toContain('marker')
  })
})
