import { describe, expect, it } from 'vitest'
import { isLoopback, parseSecureUrl } from './secure-url.ts'

describe('parseSecureUrl', () => {
  it.each([
    'https://as.example/token',
    'https://as.example:8443/token?tenant=a',
    'http://localhost:3000/token',
    'http://api.localhost/',
    'http://127.0.0.1:8080/token',
    'http://127.1.2.3/',
    'http://[::1]:3000/',
  ])('[std:13] accepts %s', (text) => {
    expect(parseSecureUrl('token_endpoint', text)).toEqual({ ok: true, value: new URL(text) })
  })

  it.each([
    ['plain http', 'http://as.example/token'],
    ['a name that only starts like loopback', 'http://localhost.example/'],
    ['a name that only starts like 127', 'http://127.0.0.1.example/'],
    ['a private address', 'http://10.0.0.1/'],
    ['the unspecified address', 'http://0.0.0.0/'],
    ['another scheme', 'ftp://as.example/'],
    ['a script', 'javascript:alert(1)'],
    ['a file', 'file:///etc/passwd'],
    ['a relative URL', '/token'],
    ['the empty text', ''],
    ['user information', 'https://user:pass@as.example/'],
    ['a user name alone', 'https://user@as.example/'],
    ['a blank before it', ' https://as.example/'],
    ['a line break inside', 'https://as.example/\ntoken'],
  ])('[std:13] [std:29] refuses %s', (_what, text) => {
    expect(parseSecureUrl('token_endpoint', text)).toMatchObject({
      ok: false,
      member: 'token_endpoint',
    })
  })

  it.each([undefined, null, 7, {}, new URL('https://as.example')])('refuses %s', (value) => {
    expect(parseSecureUrl('issuer', value)).toMatchObject({ ok: false, member: 'issuer' })
  })

  it('never repeats the URL in its reason', () => {
    const refusal = parseSecureUrl('issuer', 'https://marker-user:marker-pass@as.example/')
    expect(JSON.stringify(refusal)).not.toContain('marker')
  })
})

describe('isLoopback', () => {
  it('is true for the shortened forms that a URL spells out', () => {
    expect(isLoopback(new URL('http://127.1/').hostname)).toBe(true)
    expect(isLoopback(new URL('http://[0:0:0:0:0:0:0:1]/').hostname)).toBe(true)
  })

  it('is false for an address that maps to loopback by another notation', () => {
    expect(isLoopback(new URL('http://[::ffff:127.0.0.1]/').hostname)).toBe(false)
  })
})
