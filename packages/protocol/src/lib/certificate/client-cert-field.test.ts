import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePemCertificate } from './certificate-text.ts'
import {
  formatClientCert,
  formatForwardedClientCert,
  MAX_CERTIFICATE_FIELD,
  parseBase64Der,
  parseClientCert,
  parseEscapedPem,
  parseForwardedClientCert,
} from './client-cert-field.ts'
import { SAMPLE_PEM } from '../../../test/sample-certificate.ts'

const der = parsePemCertificate(SAMPLE_PEM) ?? new Uint8Array(0)
const escaped = encodeURIComponent(SAMPLE_PEM)
const base64 = Buffer.from(der).toString('base64')

describe('formatClientCert and parseClientCert', () => {
  it('are each other’s inverse [std:135]', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const value = Uint8Array.from(bytes)
        expect(parseClientCert(formatClientCert(value))).toEqual({ ok: true, value })
      }),
    )
  })

  it('never throw, whatever the field', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (field) => {
        for (const parse of [parseClientCert, parseEscapedPem, parseForwardedClientCert]) {
          expect(typeof parse(field).ok).toBe('boolean')
        }
      }),
    )
  })

  it.each([
    '',
    base64,
    `:${base64}`,
    `${base64}:`,
    `:${base64}:, :${base64}:`,
    `:${base64}:,`,
    `(:${base64}:)`,
    `:${base64}:;a=1`,
    `:${base64.slice(0, -1)}:`,
    `:${base64.replace(/=*$/, '')}:`,
    `:${base64.slice(0, 4)} ${base64.slice(4)}:`,
    ':_-__:',
    ':AB==:',
    ':=AAA:',
    `"${base64}"`,
    `:${'A'.repeat(MAX_CERTIFICATE_FIELD)}:`,
  ])('refuse %.40j [std:135]', (field) => {
    expect(parseClientCert(field).ok).toBe(false)
  })
})

describe('parseEscapedPem', () => {
  it('reads what nginx writes', () => {
    expect(parseEscapedPem(escaped)).toEqual({ ok: true, value: der })
    expect(parseEscapedPem(SAMPLE_PEM.trim().replaceAll('\n', '%0A'))).toEqual({
      ok: true,
      value: der,
    })
  })

  it.each([
    '',
    '%',
    '%ff',
    base64,
    `${escaped}${escaped}`,
    `text ${escaped}`,
    escaped.replaceAll('CERTIFICATE', 'TRUSTED%20CERTIFICATE'),
    escaped.replace('%0A', '%00'),
    escaped.replaceAll('%2B', '+').replaceAll('%0A', '%0A-'),
    'A'.repeat(MAX_CERTIFICATE_FIELD + 1),
  ])('refuses %.40j', (field) => {
    expect(parseEscapedPem(field).ok).toBe(false)
  })
})

describe('parseBase64Der', () => {
  it('reads base64 and nothing else', () => {
    expect(parseBase64Der(base64)).toEqual({ ok: true, value: der })
    for (const field of ['', `${base64},${base64}`, ` ${base64}`, `${base64}=`, escaped]) {
      expect(parseBase64Der(field).ok).toBe(false)
    }
  })
})

describe('parseForwardedClientCert', () => {
  const hash = 'a'.repeat(64)

  it.each([
    `Cert="${escaped}"`,
    `By=spiffe://a.example/b;Hash=${hash};Cert="${escaped}";Subject="CN=a,O=\\"b\\"";URI=spiffe://c/d;DNS=a.example;DNS=b.example`,
    `hash=${hash.toUpperCase()};CERT="${escaped}";Chain="${escaped}"`,
  ])('reads %.60s', (field) => {
    const parsed = parseForwardedClientCert(field)
    expect(parsed).toMatchObject({ ok: true, value: { der } })
  })

  it('reads a digest that stands alone', () => {
    const field = `By=spiffe://a.example/b;Hash=${hash.toUpperCase()};URI=spiffe://c/d`
    expect(parseForwardedClientCert(field)).toEqual({ ok: true, value: { der: undefined, hash } })
  })

  it('reads what a proxy writes, whatever stands in the other values', () => {
    const others = fc.array(
      fc.tuple(fc.constantFrom('By', 'Subject', 'URI', 'DNS', 'Chain'), fc.string()),
      { maxLength: 5 },
    )
    const digest = fc.stringMatching(/^[\da-f]{64}$/)
    fc.assert(
      fc.property(others, digest, fc.boolean(), fc.nat(5), (pairs, value, hasCert, at) => {
        const own: (readonly [string, string])[] = [
          ['Hash', value],
          ...(hasCert ? [['Cert', escaped] as const] : []),
        ]
        const field = formatForwardedClientCert([...pairs.slice(0, at), ...own, ...pairs.slice(at)])
        const expected = { der: hasCert ? der : undefined, hash: value }
        expect(parseForwardedClientCert(field)).toEqual({ ok: true, value: expected })
        // Neither is a second element, nor one inside a quoted value, another certificate.
        expect(parseForwardedClientCert(`${field},${field}`).ok).toBe(false)
      }),
    )
  })

  it('takes nothing inside a quoted value for a pair', () => {
    const inside = `CN=a";Hash=${'b'.repeat(64)};Cert="x`
    const field = formatForwardedClientCert([
      ['Subject', inside],
      ['Hash', hash],
    ])
    expect(parseForwardedClientCert(field)).toMatchObject({ ok: true, value: { hash } })
  })

  it.each([
    '',
    ';',
    `Hash="${hash}`,
    `Hash=${hash};Cert=""`,
    'By=spiffe://a.example/b;Subject="CN=a"',
    'Cert=""',
    `Cert="${escaped}",Cert="${escaped}"`,
    `Hash=${hash};Cert="${escaped}",By=a`,
    `Cert="${escaped}";Cert="${escaped}"`,
    `Hash=${hash};Hash=${hash};Cert="${escaped}"`,
    `Hash=${hash.slice(1)};Cert="${escaped}"`,
    `Cert="${escaped}";`,
    `Cert="${escaped}`,
    `Cert=${'A'.repeat(MAX_CERTIFICATE_FIELD)}`,
  ])('refuses %.60s', (field) => {
    expect(parseForwardedClientCert(field).ok).toBe(false)
  })
})
