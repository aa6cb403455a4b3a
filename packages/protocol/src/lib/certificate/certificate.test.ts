import { X509Certificate } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePemCertificate } from './certificate-text.ts'
import { parseCertificate } from './certificate.ts'
import { isSameDistinguishedName } from './distinguished-name.ts'
import { SAMPLE_PEM, SAMPLE_SUBJECT } from '../../../test/sample-certificate.ts'

const der = parsePemCertificate(SAMPLE_PEM) ?? new Uint8Array(0)
const nodes = new X509Certificate(SAMPLE_PEM)

describe('parseCertificate', () => {
  it('reads what OpenSSL reads', () => {
    const certificate = parseCertificate(der)
    if (!certificate.ok) throw new Error(certificate.reason)
    const { subjectDn, issuerDn, serialNumber, notBeforeAt, notAfterAt, ...rest } =
      certificate.value
    expect(isSameDistinguishedName(subjectDn, SAMPLE_SUBJECT)).toBe(true)
    expect(issuerDn).toBe(subjectDn)
    expect(serialNumber.toUpperCase()).toBe(nodes.serialNumber)
    expect([notBeforeAt, notAfterAt]).toEqual([
      nodes.validFromDate.getTime(),
      nodes.validToDate.getTime(),
    ])
    expect(rest).toEqual({
      der: Uint8Array.from(nodes.raw),
      sanDns: ['billing.clients.example', '*.clients.example'],
      sanUri: ['spiffe://example.org/ns/a/sa/billing'],
      sanEmail: ['ops@example.com'],
      sanIp: ['192.0.2.7', '2001:db8::7'],
    })
  })

  it('writes the subject as RFC 4514 does', () => {
    const certificate = parseCertificate(der)
    expect(certificate.ok && certificate.value.subjectDn).toBe(
      String.raw`1.3.6.1.4.1.55555.1=private,emailAddress=ops@example.com,serialNumber=007+CN=Schlüssel 7,OU=\ blank,OU=\# hash\ ,OU=a\+b\;c\<d\>e\\f=g,O=Example\, Inc. \"quoted\",C=DE`,
    )
  })

  it('takes no part of a certificate, and none with more behind it', () => {
    for (let length = 0; length < der.length; length++) {
      expect(parseCertificate(der.slice(0, length)).ok).toBe(false)
    }
    expect(parseCertificate(Uint8Array.of(...der, 0)).ok).toBe(false)
    expect(parseCertificate(Uint8Array.of(...der, ...der)).ok).toBe(false)
    expect(parseCertificate(new Uint8Array(65_537))).toMatchObject({ reason: 'is too long' })
  })

  it('never throws, whatever bytes have changed', () => {
    const change = fc.tuple(fc.nat(der.length - 1), fc.nat(255))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const changed = der.slice()
        for (const [at, byte] of changes) changed[at] = byte
        const certificate = parseCertificate(changed)
        if (!certificate.ok) return
        const { sanDns, sanUri, sanEmail } = certificate.value
        expect([...sanDns, ...sanUri, ...sanEmail].join('')).not.toMatch(/\p{Cc}/u)
      }),
      { numRuns: 2000 },
    )
  })

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(parseCertificate(Uint8Array.from(bytes)).ok).toBe(false)
      }),
    )
  })

  it.each([
    ['a NUL in a DNS name', 'billing.clients', 7, 0],
    ['a line break in a DNS name', 'billing.clients', 7, 10],
    ['a byte beyond ASCII in a URI', 'spiffe://', 3, 0xe9],
    ['broken UTF-8 in the subject', 'Schl', 5, 0x20],
  ])('refuses or sets apart %s', (_what, near, offset, byte) => {
    const changed = der.slice()
    const at = Buffer.from(der).lastIndexOf(near) + offset
    changed[at] = byte
    const certificate = parseCertificate(changed)
    const names = certificate.ok ? certificate.value.subjectDn : ''
    // A value that is no text is shown as its bytes.
    expect(!certificate.ok || names.includes('CN=#')).toBe(true)
  })

  it('refuses a repeated extension', () => {
    const changed = der.slice()
    const bytes = Buffer.from(der)
    // basicConstraints (2.5.29.19) becomes a second subjectAltName (2.5.29.17).
    changed[bytes.indexOf(Buffer.from([0x55, 0x1d, 0x13])) + 2] = 0x11
    expect(parseCertificate(changed)).toMatchObject({ ok: false })
  })

  it('refuses a length in a longer form than needed', () => {
    const [outer, ...rest] = [der.slice(0, 4), der.slice(4)]
    const [, , high = 0, low = 0] = outer
    const longer = Uint8Array.of(0x30, 0x83, 0, high, low, ...rest.flatMap((one) => [...one]))
    expect(parseCertificate(longer).ok).toBe(false)
  })
})
