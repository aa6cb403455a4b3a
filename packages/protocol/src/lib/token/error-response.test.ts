import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatErrorResponse, parseErrorResponse, TOKEN_ERROR_CODES } from './error-response.ts'

const clean = fc.option(
  fc.stringMatching(
    /^[\x21\x23-\x5b\x5d-\x7e]([\x20-\x21\x23-\x5b\x5d-\x7e]{0,40}[\x21\x23-\x5b\x5d-\x7e])?$/,
  ),
  { nil: undefined },
)

const identifier = fc.option(fc.stringMatching(/^[\w-]{8,64}$/), { nil: undefined })

describe('formatErrorResponse and parseErrorResponse', () => {
  it('[std:12] [std:25] return the error they were given', () => {
    const code = fc.oneof(
      fc.constantFrom(...TOKEN_ERROR_CODES),
      fc.stringMatching(/^[\x20-\x21\x23-\x5b\x5d-\x7e]{1,40}$/),
    )
    fc.assert(
      fc.property(
        fc.record({ error: code, description: clean, uri: clean, correlationId: identifier }),
        (response) => {
          const body: unknown = JSON.parse(JSON.stringify(formatErrorResponse(response)))
          expect(parseErrorResponse(body)).toEqual({ ok: true, value: response })
        },
      ),
    )
  })

  it('[std:25] let nothing outside the RFC 6749 sets into a description', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
        const response = parseErrorResponse({ error: 'invalid_client', error_description: text })
        const description = (response.ok ? response.value.description : undefined) ?? ''
        expect(description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]{0,300}$/)
      }),
    )
  })
})

describe('parseErrorResponse', () => {
  it.each([
    ['no object', 'invalid_client'],
    ['a list', []],
    ['null', null],
    ['no error', { error_description: 'x' }],
    ['an empty error', { error: '' }],
    ['an error that is an object', { error: { code: 7 } }],
    ['an error with a quote', { error: 'a"b' }],
    ['an error with a line break', { error: 'a\nb' }],
    ['an error of 101 characters', { error: 'a'.repeat(101) }],
    ['an error hidden in __proto__', JSON.parse('{"__proto__":{"error":"x"}}') as unknown],
  ])('[std:12] refuses %s', (_what, body) => {
    expect(parseErrorResponse(body).ok).toBe(false)
  })

  it('[std:12] keeps a code that nobody registered', () => {
    expect(parseErrorResponse({ error: 'quota_exceeded' })).toEqual({
      ok: true,
      value: { error: 'quota_exceeded', description: undefined, uri: undefined },
    })
  })

  it('joins lines and cuts long text', () => {
    expect(
      parseErrorResponse({ error: 'a', error_description: 'one\r\n\u001b[31mtwo', error_uri: 7 }),
    ).toMatchObject({ value: { description: 'one [31mtwo', uri: undefined } })
    expect(parseErrorResponse({ error: 'a', error_description: 'x'.repeat(1000) })).toMatchObject({
      value: { description: 'x'.repeat(300) },
    })
  })
})
