import { describe, expect, it } from 'vitest'
import { declareRule, ruleTerms, type Rule } from './rule.ts'

describe('declareRule', () => {
  it.each([
    [undefined, 'options', 'ERR_ARGUMENT_MISSING'],
    [[], 'options', 'ERR_ARGUMENT_TYPE'],
    [{ scopes: [] }, 'scopes', 'ERR_ARGUMENT_UNKNOWN'],
    [{ optional: true }, 'optional', 'ERR_ARGUMENT_UNKNOWN'],
    [{ scope: 'orders:read' }, 'scope', 'ERR_ARGUMENT_TYPE'],
    [{ scope: ['orders:read'] }, 'scope', 'ERR_ARGUMENT_TYPE'],
    [{ scope: null }, 'scope', 'ERR_ARGUMENT_TYPE'],
    [{ scope: {} }, 'scope', 'ERR_ARGUMENT_VALUE'],
    [{ scope: { all: ['a'], any: ['b'] } }, 'scope', 'ERR_ARGUMENT_VALUE'],
    [{ scope: { every: ['a'] } }, 'every', 'ERR_ARGUMENT_UNKNOWN'],
    [{ scope: { all: [] } }, 'scope.all', 'ERR_ARGUMENT_VALUE'],
    [{ scope: { any: 'a' } }, 'scope.any', 'ERR_ARGUMENT_TYPE'],
    [{ scope: { all: ['a', 'b c'] } }, 'scope.all[1]', 'ERR_ARGUMENT_VALUE'],
    [{ scope: { all: ['a', 1] } }, 'scope.all[1]', 'ERR_ARGUMENT_TYPE'],
    [{ scope: { any: [, 'a'] } }, 'scope.any[0]', 'ERR_ARGUMENT_TYPE'], // oxlint-disable-line no-sparse-arrays
    [{ principal: 'machine' }, 'principal', 'ERR_ARGUMENT_VALUE'],
    [{ principal: null }, 'principal', 'ERR_ARGUMENT_TYPE'],
  ])('refuses %j, naming %s [field:31, 40]', (rule, option, code) => {
    expect(() => declareRule(rule as Rule)).toThrow(
      expect.objectContaining({ name: 'ArgumentError', option, code }),
    )
  })

  it('gives a frozen copy that later changes do not reach', () => {
    const all = ['orders:read']
    const declared = declareRule({ scope: { all } })
    all.length = 0
    expect(declared).toEqual({ scope: { all: ['orders:read'] }, principal: 'client' })
    expect(Object.isFrozen(declared)).toBe(true)
    expect(Object.isFrozen(declared.scope?.all)).toBe(true)
    expect(ruleTerms(declared, 'guard').scopes).toEqual(['orders:read'])
  })

  it('drops a scope that is listed twice', () => {
    expect(declareRule({ scope: { any: ['a', 'b', 'a'] } }).scope).toEqual({ any: ['a', 'b'] })
  })
})

describe('ruleTerms', () => {
  it('reads a rule that was not declared each time anew', () => {
    const rule: { scope: { all: string[] } } = { scope: { all: ['a'] } }
    expect(ruleTerms(rule, 'guard').scopes).toEqual(['a'])
    rule.scope.all = ['b']
    expect(ruleTerms(rule, 'guard').scopes).toEqual(['b'])
  })
})
