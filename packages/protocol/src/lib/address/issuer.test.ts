import { describe, expect, it } from 'vitest'
import { metadataUrls, parseIssuer, type Issuer } from './issuer.ts'

describe('parseIssuer', () => {
  it.each(['https://as.example', 'https://as.example/', 'https://as.example/tenant/a'])(
    'keeps %s letter by letter',
    (text) => {
      expect(parseIssuer(text)).toEqual({ ok: true, value: text })
    },
  )

  it.each([
    'https://as.example?tenant=a',
    'https://as.example?',
    'https://as.example#a',
    'https://as.example/#',
    'http://as.example',
    'as.example',
    '',
    undefined,
  ])('[std:162] refuses %s', (text) => {
    expect(parseIssuer(text)).toMatchObject({ ok: false, member: 'issuer' })
  })
})

describe('metadataUrls', () => {
  const urls = (text: string): readonly string[] => metadataUrls(text as Issuer)

  it('[std:157] [std:161] puts the well-known part before the path, then after it', () => {
    expect(urls('https://as.example/tenant/a')).toEqual([
      'https://as.example/.well-known/oauth-authorization-server/tenant/a',
      'https://as.example/.well-known/openid-configuration/tenant/a',
      'https://as.example/tenant/a/.well-known/openid-configuration',
    ])
  })

  it('[std:157] drops a trailing slash first', () => {
    expect(urls('https://as.example/tenant/')).toEqual(urls('https://as.example/tenant'))
  })

  it('[std:254] names no place twice where the issuer has no path', () => {
    const places = [
      'https://as.example/.well-known/oauth-authorization-server',
      'https://as.example/.well-known/openid-configuration',
    ]
    expect(urls('https://as.example')).toEqual(places)
    expect(urls('https://as.example/')).toEqual(places)
  })
})
