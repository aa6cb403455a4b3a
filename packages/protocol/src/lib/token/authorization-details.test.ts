import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatAuthorizationDetails,
  MAX_AUTHORIZATION_DETAILS,
  parseAuthorizationDetails,
} from './authorization-details.ts'

const detail = fc
  .tuple(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })), fc.string({ minLength: 1 }))
  .map(([members, type]) => ({ ...members, type }))

describe('formatAuthorizationDetails and parseAuthorizationDetails', () => {
  it('[std:191] return the details they were given', () => {
    fc.assert(
      fc.property(fc.array(detail, { minLength: 1, maxLength: 10 }), (details) => {
        const text = formatAuthorizationDetails(details)
        fc.pre(text.length <= MAX_AUTHORIZATION_DETAILS)
        // JSON knows no minus zero.
        expect(parseAuthorizationDetails(text)).toEqual({
          ok: true,
          value: JSON.parse(JSON.stringify(details)),
        })
      }),
    )
  })

  it('parse never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(typeof parseAuthorizationDetails(text).ok).toBe('boolean')
      }),
    )
  })
})

describe('parseAuthorizationDetails', () => {
  const nested = (depth: number): string =>
    `[{"type":"a","x":${'['.repeat(depth)}${']'.repeat(depth)}}]`
  const padded = (length: number): string => {
    const rest = length - '[{"type":"a","x":""}]'.length
    return `[{"type":"a","x":"${'x'.repeat(rest)}"}]`
  }

  it.each([
    ['an object', '{"type":"a"}'],
    ['no JSON', 'type=a'],
    ['the empty list', '[]'],
    ['eleven objects', JSON.stringify(Array.from({ length: 11 }, () => ({ type: 'a' })))],
    ['a string in the list', '["a"]'],
    ['null in the list', '[null]'],
    ['a list in the list', '[[{"type":"a"}]]'],
    ['no type', '[{"x":1}]'],
    ['an empty type', '[{"type":""}]'],
    ['a type that is a number', '[{"type":1}]'],
    ['a very long type', JSON.stringify([{ type: 'a'.repeat(257) }])],
    ['two lists', '[{"type":"a"}],[{"type":"b"}]'],
    ['too deep a nesting', nested(6)],
    ['a nesting that would break the parser', '['.repeat(4000)],
    ['one letter too many', padded(MAX_AUTHORIZATION_DETAILS + 1)],
  ])('[std:192] refuses %s', (_what, text) => {
    expect(parseAuthorizationDetails(text)).toMatchObject({
      ok: false,
      member: 'authorization_details',
    })
  })

  it('takes the longest and the deepest that is allowed', () => {
    expect(parseAuthorizationDetails(padded(MAX_AUTHORIZATION_DETAILS)).ok).toBe(true)
    expect(parseAuthorizationDetails(nested(4)).ok).toBe(true)
  })
})
