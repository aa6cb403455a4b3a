import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJsonObject } from './json-object.ts'

describe('parseJsonObject', () => {
  it('gives the object that was written, whatever stands in its strings', () => {
    const member = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(fc.dictionary(member, fc.oneof(member, fc.integer(), fc.boolean())), (object) => {
        const text = JSON.stringify(object)
        expect(parseJsonObject(text)).toEqual({ ok: true, value: JSON.parse(text) as unknown })
      }),
    )
  })

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(typeof parseJsonObject(text).ok).toBe('boolean')
      }),
    )
  })

  it.each([
    ['the empty text', '', 'body is empty'],
    ['blanks', ' \n', 'body is empty'],
    ['HTML', '<html></html>', 'body is not JSON'],
    ['half an object', '{"a":', 'body is not JSON'],
    ['two objects', '{}{}', 'body is not JSON'],
    ['a comment', '{/* */}', 'body is not JSON'],
    ['a byte order mark', '\ufeff{}', 'body is not JSON'],
    ['a list', '[]', 'JSON is not an object'],
    ['null', 'null', 'JSON is not an object'],
    ['a string', '"{}"', 'JSON is not an object'],
    ['a number', '7', 'JSON is not an object'],
  ])('refuses %s', (_what, text, reason) => {
    expect(parseJsonObject(text)).toEqual({ ok: false, member: 'body', reason })
  })

  it('takes 32 levels and refuses 33', () => {
    const nested = (levels: number): string =>
      `${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`
    expect(parseJsonObject(nested(32)).ok).toBe(true)
    expect(parseJsonObject(nested(33))).toMatchObject({ reason: 'JSON is nested too deep' })
    expect(parseJsonObject(nested(3), 2)).toMatchObject({ reason: 'JSON is nested too deep' })
  })

  it('refuses a million open brackets before they reach the engine', () => {
    expect(parseJsonObject('['.repeat(1_000_000))).toMatchObject({
      reason: 'JSON is nested too deep',
    })
  })

  it('does not count brackets inside strings, escaped quotes included', () => {
    const object = { text: `"\\${'[{'.repeat(100)}` }
    expect(parseJsonObject(JSON.stringify(object))).toEqual({ ok: true, value: object })
  })

  it('keeps a member called __proto__ an ordinary member', () => {
    const json = parseJsonObject('{"__proto__":{"admin":true}}')
    expect(json.ok && Object.keys(json.value)).toEqual(['__proto__'])
    expect(json.ok && json.value['admin']).toBeUndefined()
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
  })

  it('never repeats the text in its reason', () => {
    expect(JSON.stringify(parseJsonObject('{"access_token":"marker'))).not.toContain('marker')
  })
})
