import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatForm, parseForm, singleParameter, type Form } from './form.ts'

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 })

function read(body: string): Form {
  const form = parseForm(body)
  if (!form.ok) throw new Error(form.reason)
  return form.value
}

describe('formatForm and parseForm', () => {
  it('[std:4] return the parameters they were given, repeats in order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 64 }), (parameters) => {
        const expected = new Map<string, string[]>()
        for (const [name, value] of parameters) {
          expected.set(name, [...(expected.get(name) ?? []), value])
        }
        expect(read(formatForm(parameters))).toEqual(expected)
      }),
    )
  })

  it('read what the platform reads, empty parameters apart', () => {
    const piece = fc.constantFrom('a', 'b', '=', '&', '+', '%20', '%C3%A9', '%26', '%3D', '.')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const body = pieces.join('')
        const expected = [...new URLSearchParams(body)].filter(([n, v]) => n !== '' && v !== '')
        const form = [...read(body)].flatMap(([n, values]) => values.map((v) => `${n}=${v}`))
        expect(form.toSorted()).toEqual(expected.map((pair) => pair.join('=')).toSorted())
      }),
    )
  })

  it('parse never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (body) => {
        expect(typeof parseForm(body).ok).toBe('boolean')
      }),
    )
  })
})

describe('parseForm', () => {
  it('[std:17] counts an empty parameter as absent', () => {
    expect([...read('scope=&grant_type=client_credentials&=x&empty&&')]).toEqual([
      ['grant_type', ['client_credentials']],
    ])
  })

  it.each(['a=%', 'a=%2', 'a=%zz', '%c3=a', 'a=%c3%28', 'a=%ed%a0%80', 'a=%ff'])(
    'refuses the broken escape %s',
    (body) => {
      expect(parseForm(body)).toMatchObject({ ok: false, member: 'body' })
    },
  )

  it('takes 64 parameters and refuses 65, empty ones counted', () => {
    expect(parseForm('a=b&'.repeat(64)).ok).toBe(true)
    expect(parseForm('a=b&'.repeat(65))).toMatchObject({ reason: 'has too many parameters' })
    expect(parseForm('&'.repeat(1_000_000))).toMatchObject({ reason: 'has too many parameters' })
    expect(parseForm('a=b&c=d', 1)).toMatchObject({ reason: 'has too many parameters' })
  })

  it('keeps __proto__ an ordinary name', () => {
    expect(read('__proto__=a&constructor=b').get('__proto__')).toEqual(['a'])
  })

  it('splits at the first equals sign only', () => {
    expect(read('a=b=c').get('a')).toEqual(['b=c'])
  })
})

describe('singleParameter', () => {
  it('gives the value, or undefined where it is absent', () => {
    expect(singleParameter(read('a=b'), 'a')).toEqual({ ok: true, value: 'b' })
    expect(singleParameter(read('a=b'), 'c')).toEqual({ ok: true, value: undefined })
  })

  it('[std:17] refuses a repeat, also of the same value', () => {
    expect(singleParameter(read('a=b&a=b'), 'a')).toMatchObject({ ok: false, member: 'a' })
  })

  it('does not take an inherited name for a parameter', () => {
    expect(singleParameter(read(''), 'constructor')).toEqual({ ok: true, value: undefined })
  })
})
