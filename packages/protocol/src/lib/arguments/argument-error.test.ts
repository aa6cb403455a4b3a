import { describe, expect, it } from 'vitest'
import { ArgumentError } from './argument-error.ts'

describe('ArgumentError', () => {
  it('is a TypeError that names the option, and is told from other errors', () => {
    const error = new ArgumentError('ERR_ARGUMENT_VALUE', 'scope', 'f: wrong')
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toMatchObject({
      name: 'ArgumentError',
      code: 'ERR_ARGUMENT_VALUE',
      option: 'scope',
    })
    expect(error instanceof ArgumentError).toBe(true)
    expect(new TypeError('other') instanceof ArgumentError).toBe(false)
    expect((undefined as unknown) instanceof ArgumentError).toBe(false)
  })

  it('is one class to callers, whichever package its copy came in', () => {
    const brand = Symbol.for('countersign.ArgumentError')
    const foreign = Object.defineProperty(new TypeError('from another copy'), brand, {
      value: true,
    })
    expect(foreign instanceof ArgumentError).toBe(true)
  })
})
