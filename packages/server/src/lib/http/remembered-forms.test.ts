import { describe, expect, it } from 'vitest'
import { formOf, oncePerForm } from './remembered-forms.ts'

const GRANT = 'grant_type=client_credentials'

describe('formOf', () => {
  it('gives the very same form for the same text, and another for another', () => {
    const form = formOf(`${GRANT}&scope=orders%3Aread`)
    expect(formOf(`${GRANT}&scope=orders%3Aread`)).toBe(form)
    expect(form.get('scope')).toEqual(['orders:read'])
    expect(formOf(`${GRANT}&scope=orders%3Awrite`).get('scope')).toEqual(['orders:write'])
  })

  it.each(['client_secret', 'client_assertion', 'token', 'password', 'authorization_details', 'x'])(
    'keeps no body with %s in it',
    (name) => {
      const text = `${GRANT}&${name}=value`
      expect(formOf(text)).not.toBe(formOf(text))
      expect(formOf(text)).toEqual(formOf(text))
    },
  )

  it('keeps no body of more than 512 characters', () => {
    const text = `${GRANT}&scope=${'a'.repeat(500)}`
    expect(formOf(text)).not.toBe(formOf(text))
  })

  it('keeps 256 and lets the oldest go', () => {
    const first = formOf(`${GRANT}&scope=first`)
    for (let one = 0; one < 255; one++) formOf(`${GRANT}&scope=s${one}`)
    expect(formOf(`${GRANT}&scope=first`)).toBe(first)
    for (let one = 255; one < 512; one++) formOf(`${GRANT}&scope=s${one}`)
    expect(formOf(`${GRANT}&scope=first`)).not.toBe(first)
  })

  it.each([
    [`${GRANT}&${GRANT}`, 'parameter_repeated'],
    ['grant_type=%', 'body_unreadable'],
  ])('refuses %s, the second time too', (text, reason) => {
    for (let turn = 0; turn < 2; turn++) {
      expect(() => formOf(text)).toThrow(expect.objectContaining({ reason }))
    }
  })
})

describe('oncePerForm', () => {
  it('reads a remembered form once, and any other each time', () => {
    let times = 0
    const read = oncePerForm(() => ({ times: ++times }))
    const kept = formOf(`${GRANT}&scope=once`)
    expect(read(kept)).toBe(read(kept))
    const other = formOf(`${GRANT}&client_secret=x`)
    expect(read(other)).not.toBe(read(other))
    expect(times).toBe(3)
  })
})
