import { createHash } from 'node:crypto'
import { formatClientCert } from '@countersign/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SAMPLE_DER, SAMPLE_PEM } from '../../../../protocol/test/sample-certificate.ts'
import { hasSubject } from './certificate-subject.ts'
import { readClientCertificate } from './client-certificate.ts'
import {
  proxyCertificates,
  type ProxiedCertificateReading,
  type ProxyCertificateOptions,
} from './proxy-certificate.ts'

const TRUSTED = '10.1.2.3'
const hex = createHash('sha256').update(SAMPLE_DER).digest('hex')
const thumbprint = createHash('sha256').update(SAMPLE_DER).digest('base64url')
const escaped = encodeURIComponent(SAMPLE_PEM)
const base64 = Buffer.from(SAMPLE_DER).toString('base64')
const rfc9440: ProxyCertificateOptions = {
  format: 'rfc9440',
  trustedProxies: ['10.0.0.0/8', '::1'],
}

function read(
  options: ProxyCertificateOptions,
  headers: Record<string, string> | Headers,
  remoteAddress: string | undefined = TRUSTED,
): Promise<ProxiedCertificateReading> {
  return proxyCertificates(options)({ headers: new Headers(headers), remoteAddress })
}

/** `none`, `digest`, `verified`, `unverified`, or why it was refused. */
function gist(reading: ProxiedCertificateReading): string {
  if (reading.kind === 'none') return 'none'
  if (reading.kind === 'digest') {
    expect(reading.thumbprint).toBe(thumbprint)
    return 'digest'
  }
  if (reading.kind === 'refused') return reading.reason
  expect(reading.certificate.thumbprint).toBe(thumbprint)
  expect(reading.certificate.sanDns).toContain('billing.clients.example')
  return reading.certificate.verified ? 'verified' : 'unverified'
}

const field = formatClientCert(SAMPLE_DER)
const nginx: ProxyCertificateOptions = {
  format: 'escaped-pem',
  trustedProxies: ['10.0.0.0/8'],
  header: 'X-Client-Cert',
  verified: { header: 'X-Client-Verify', value: 'SUCCESS' },
}

describe('proxyCertificates', () => {
  it.each<[string, ProxyCertificateOptions, Record<string, string>, string]>([
    ['Client-Cert', rfc9440, { 'client-cert': field }, 'unverified'],
    [
      'Client-Cert of a strict proxy',
      { ...rfc9440, verified: 'always' },
      { 'client-cert': field },
      'verified',
    ],
    ['nginx, good', nginx, { 'x-client-cert': escaped, 'x-client-verify': 'SUCCESS' }, 'verified'],
    [
      'nginx, bad chain',
      nginx,
      { 'x-client-cert': escaped, 'x-client-verify': 'FAILED:unable' },
      'unverified',
    ],
    ['nginx, no verdict', nginx, { 'x-client-cert': escaped }, 'unverified'],
    [
      'nginx, two verdicts',
      nginx,
      { 'x-client-cert': escaped, 'x-client-verify': 'SUCCESS, SUCCESS' },
      'unverified',
    ],
    [
      'nginx, other case',
      nginx,
      { 'x-client-cert': escaped, 'x-client-verify': 'success' },
      'unverified',
    ],
    ['nginx, no certificate', nginx, { 'x-client-verify': 'NONE' }, 'none'],
    ['nginx, an empty header', nginx, { 'x-client-cert': '' }, 'none'],
    [
      'HAProxy',
      { format: 'base64-der', header: 'x-ssl-client-der', trustedProxies: ['10.0.0.0/8'] },
      { 'x-ssl-client-der': base64 },
      'unverified',
    ],
    [
      'Envoy',
      { format: 'xfcc', trustedProxies: ['10.0.0.0/8'], verified: 'always' },
      { 'x-forwarded-client-cert': `Hash=${hex};Cert="${escaped}";Subject="CN=a,O=b"` },
      'verified',
    ],
    [
      'Envoy with the hash of another',
      { format: 'xfcc', trustedProxies: ['10.0.0.0/8'] },
      { 'x-forwarded-client-cert': `Hash=${'0'.repeat(64)};Cert="${escaped}"` },
      'malformed',
    ],
    [
      'Envoy with the digest alone',
      { format: 'xfcc', trustedProxies: ['10.0.0.0/8'], verified: 'always' },
      { 'x-forwarded-client-cert': `By=spiffe://a.example/b;Hash=${hex};URI=spiffe://a.example/c` },
      'digest',
    ],
    [
      'two Envoys with digests',
      { format: 'xfcc', trustedProxies: ['10.0.0.0/8'] },
      { 'x-forwarded-client-cert': `Hash=${hex},Hash=${hex}` },
      'several',
    ],
    ['two Client-Certs', rfc9440, { 'client-cert': `${field}, ${field}` }, 'several'],
    ['two of nginx', nginx, { 'x-client-cert': `${escaped}, ${escaped}` }, 'several'],
    [
      'two Envoys',
      { format: 'xfcc', trustedProxies: ['10.0.0.0/8'] },
      { 'x-forwarded-client-cert': `Cert="${escaped}",Cert="${escaped}"` },
      'several',
    ],
    ['another format', rfc9440, { 'client-cert': escaped }, 'malformed'],
    [
      'no certificate in it',
      rfc9440,
      { 'client-cert': formatClientCert(Uint8Array.of(1, 2)) },
      'malformed',
    ],
    [
      'a certificate cut short',
      rfc9440,
      { 'client-cert': formatClientCert(SAMPLE_DER.slice(0, -1)) },
      'malformed',
    ],
    [
      'more behind it',
      rfc9440,
      { 'client-cert': formatClientCert(Uint8Array.of(...SAMPLE_DER, 0)) },
      'malformed',
    ],
    ['another header', rfc9440, { 'x-client-cert': field }, 'none'],
  ])('reads %s [std:133] [std:135]', async (_what, options, headers, expected) => {
    expect(gist(await read(options, headers))).toBe(expected)
  })

  it('takes the verdict on the chain from each request anew', async () => {
    const readOne = proxyCertificates(nginx)
    const verdicts = ['SUCCESS', 'FAILED:expired', 'SUCCESS', undefined]
    const seen: string[] = []
    for (const verdict of verdicts) {
      const headers = new Headers({ 'x-client-cert': escaped })
      if (verdict !== undefined) headers.set('x-client-verify', verdict)
      seen.push(gist(await readOne({ headers, remoteAddress: TRUSTED })))
    }
    expect(seen).toEqual(['verified', 'unverified', 'verified', 'unverified'])
    const headers = new Headers({ 'x-client-cert': escaped, 'x-client-verify': 'SUCCESS' })
    expect(gist(await readOne({ headers, remoteAddress: '11.0.0.1' }))).toBe('untrusted_proxy')
  })

  it('takes two headers of one name for two [std:135]', async () => {
    const headers = new Headers()
    headers.append('client-cert', field)
    headers.append('client-cert', field)
    expect(gist(await read(rfc9440, headers))).toBe('several')
  })

  it.each([
    ['10.1.2.3', 'unverified'],
    ['::ffff:10.1.2.3', 'unverified'],
    ['::1', 'unverified'],
    ['11.1.2.3', 'untrusted_proxy'],
    ['127.0.0.1', 'untrusted_proxy'],
    ['::2', 'untrusted_proxy'],
    ['', 'untrusted_proxy'],
    ['10.1.2.3, 11.1.2.3', 'untrusted_proxy'],
    ['localhost', 'untrusted_proxy'],
  ])('from %j: %s [std:137]', async (address, expected) => {
    expect(gist(await read(rfc9440, { 'client-cert': field }, address))).toBe(expected)
  })

  it('refuses the header where the address is not known, whatever is in it [std:137]', async () => {
    const readOne = proxyCertificates(rfc9440)
    const headers = new Headers({ 'client-cert': 'anything' })
    expect(gist(await readOne({ headers, remoteAddress: undefined }))).toBe('untrusted_proxy')
    expect(gist(await readOne({ headers: new Headers(), remoteAddress: undefined }))).toBe('none')
  })

  it('knows a proxy by its secret, where the address is not known, and by both where both are set [std:137]', async () => {
    const secret = { header: 'X-Proxy-Secret', values: ['n'.repeat(32), 'o'.repeat(32)] }
    const client = { 'client-cert': field }
    const bySecret: ProxyCertificateOptions = { format: 'rfc9440', secret }
    const gists: Record<string, string> = {}
    for (const [name, options, given, address] of [
      ['the newest', bySecret, 'n'.repeat(32), undefined],
      ['the one before', bySecret, 'o'.repeat(32), undefined],
      ['another', bySecret, 'x'.repeat(32), undefined],
      ['a longer one', bySecret, 'n'.repeat(33), undefined],
      ['twice', bySecret, `${'n'.repeat(32)}, ${'n'.repeat(32)}`, undefined],
      ['none', bySecret, undefined, undefined],
      ['both right', { ...rfc9440, secret }, 'n'.repeat(32), TRUSTED],
      ['the address wrong', { ...rfc9440, secret }, 'n'.repeat(32), '192.0.2.1'],
      ['the secret wrong', { ...rfc9440, secret }, 'x'.repeat(32), TRUSTED],
    ] as const) {
      const headers = new Headers({ ...client, ...(given && { 'x-proxy-secret': given }) })
      const readOne = proxyCertificates(options)
      gists[name] = gist(await readOne({ headers, remoteAddress: address }))
      expect(readOne.isForeign({ headers, remoteAddress: address })).toBe(
        gists[name] === 'untrusted_proxy',
      )
    }
    expect(gists).toEqual({
      'the newest': 'unverified',
      'the one before': 'unverified',
      another: 'untrusted_proxy',
      'a longer one': 'untrusted_proxy',
      twice: 'untrusted_proxy',
      none: 'untrusted_proxy',
      'both right': 'unverified',
      'the address wrong': 'untrusted_proxy',
      'the secret wrong': 'untrusted_proxy',
    })
  })

  it('never rejects, and makes no certificate of what is none', async () => {
    const formats = ['rfc9440', 'escaped-pem', 'base64-der', 'xfcc'] as const
    const printable = fc.string({ unit: 'grapheme-ascii' })
    const near = fc.tuple(
      fc.constantFrom(field, escaped, base64, `Cert="${escaped}"`),
      fc.nat(200),
      printable,
    )
    const text = fc.oneof(
      printable,
      near.map(([whole, at, put]) => `${whole.slice(0, at)}${put}x${whole.slice(at)}`),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...formats), text, async (format, value) => {
        const options = { format, trustedProxies: [TRUSTED], header: 'a' }
        expect((await read(options, { a: value })).kind).not.toBe('presented')
      }),
    )
  })

  it.each([
    [{ format: 'pem' }, 'format'],
    [{ format: undefined }, 'format'],
    [{ trustedProxies: [] }, 'trustedProxies'],
    [{ trustedProxies: undefined }, 'trustedProxies'],
    [{ trustedProxies: '10.0.0.0/8' }, 'trustedProxies'],
    [{ trustedProxies: ['10.0.0.0/8', 'proxy.example'] }, 'trustedProxies[1]'],
    [{ trustedProxies: [undefined] }, 'trustedProxies[0]'],
    [{ format: 'escaped-pem' }, 'header'],
    [{ header: 'a b' }, 'header'],
    [{ verified: true }, 'verified'],
    [{ verified: null }, 'verified'],
    [{ verified: { header: 'a', value: '' } }, 'verified'],
    [{ verified: { header: '', value: 'a' } }, 'verified.header'],
    [{ trustedProxy: TRUSTED }, 'trustedProxy'],
    [{ secret: null }, 'secret'],
    [{ secret: { header: 'a', values: [] } }, 'secret'],
    [{ secret: { header: 'a', values: ['short'] } }, 'secret.values'],
    [{ secret: { header: 'a', values: [`${'a'.repeat(40)},`] } }, 'secret.values'],
    [{ secret: { header: 'a b', values: ['a'.repeat(32)] } }, 'secret.header'],
  ])('refuses %j, naming %s', (options, option) => {
    expect(() => proxyCertificates({ ...rfc9440, ...options } as never)).toThrow(
      expect.objectContaining({ name: 'ArgumentError', option }),
    )
  })
})

describe('hasSubject', () => {
  it.each([
    [{ sanDns: 'billing.clients.example' }, true],
    [{ sanDns: 'BILLING.clients.example' }, true],
    [{ sanDns: 'other.clients.example' }, false],
    [{ sanDns: '*.clients.example' }, false],
    [{ sanDns: '' }, false],
    [{ sanUri: 'spiffe://example.org/ns/a/sa/billing' }, true],
    [{ sanUri: 'spiffe://example.org/ns/a/sa/Billing' }, false],
    [{ sanUri: 'spiffe://example.org/ns/a/sa' }, false],
    [{ sanEmail: 'ops@example.com' }, true],
    [{ sanEmail: 'Ops@example.com' }, false],
    [{ sanIp: '192.0.2.7' }, true],
    [{ sanIp: '2001:DB8:0:0:0:0:0:7' }, true],
    [{ sanIp: '192.0.2.8' }, false],
    [{ sanIp: '::ffff:192.0.2.7' }, false],
    [{ sanIp: 'billing.clients.example' }, false],
    [{ sanIp: '' }, false],
    [{ subjectDn: 'CN=billing' }, false],
    [{ subjectDn: '' }, false],
  ])('of %j: %s [std:128]', async (subject, expected) => {
    const reading = await readClientCertificate(SAMPLE_DER, { verified: true })
    if (reading.kind !== 'presented') throw new Error('the sample was refused')
    expect(hasSubject(reading.certificate, subject)).toBe(expected)
  })

  it('takes the whole subject, however it is written [std:128]', async () => {
    const reading = await readClientCertificate(SAMPLE_DER, { verified: true })
    if (reading.kind !== 'presented') throw new Error('the sample was refused')
    const { certificate } = reading
    const { subjectDn } = certificate
    expect(hasSubject(certificate, { subjectDn })).toBe(true)
    expect(hasSubject(certificate, { subjectDn: subjectDn.replace('CN=', ' cn = ') })).toBe(true)
    expect(hasSubject(certificate, { subjectDn: subjectDn.replace('C=DE', 'C=FR') })).toBe(false)
    expect(hasSubject(certificate, { subjectDn: subjectDn.split(',').slice(1).join(',') })).toBe(
      false,
    )
  })
})
