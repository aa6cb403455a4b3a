import { createHash } from 'node:crypto'
import {
  DENIAL_REASONS,
  type CertificateOrigin,
  type GuardOptions,
  type GuardRequest,
  type Verdict,
} from '@countersign/guard'
import { formatClientCert } from '@countersign/protocol'
import { proofMint } from '@countersign/testkit/contracts'
import { describe, expect, it } from 'vitest'
import { SAMPLE_DER as DER, SAMPLE_PEM as PEM } from '../../protocol/test/sample-certificate.ts'
import { startScriptedIssuer, type ScriptedIssuer } from './scripted-issuer.ts'

const THUMBPRINT = createHash('sha256').update(DER).digest('base64url')
const OTHER = createHash('sha256').update('another').digest('base64url')
const PROXY: CertificateOrigin = { format: 'rfc9440', trustedProxies: ['10.0.0.0/8'] }

/** What is asked of a TLS socket. */
function socketWith(raw: Uint8Array | undefined): GuardRequest['socket'] {
  return Object.assign({ remoteAddress: '192.0.2.1' }, { getPeerCertificate: () => ({ raw }) })
}

async function start(
  options: Partial<GuardOptions>,
  cnf: unknown = { 'x5t#S256': THUMBPRINT },
): Promise<{ issuer: ScriptedIssuer; token: string }> {
  const issuer = await startScriptedIssuer(options)
  return { issuer, token: issuer.mint.token({ claims: { cnf } }) }
}

async function ask(
  issuer: ScriptedIssuer,
  token: string,
  socket: GuardRequest['socket'],
  headers: Record<string, string> = {},
): Promise<string> {
  const sent = new Headers({ authorization: `Bearer ${token}`, ...headers })
  const verdict: Verdict = await issuer.guard({ method: 'GET', url: '/', headers: sent, socket })
  return verdict.allowed ? 'allowed' : `${verdict.status} ${verdict.reason}`
}

describe('a guard that reads certificates off the connection', () => {
  it('takes a token with the certificate it is bound to, and no other [std:130] [std:133] [std:134] [field:71]', async () => {
    const { issuer, token } = await start({ certificates: 'connection' })
    await using _ = issuer
    expect(await ask(issuer, token, socketWith(DER))).toBe('allowed')
    const foreign = issuer.mint.token({ claims: { cnf: { 'x5t#S256': OTHER } } })
    expect(await ask(issuer, foreign, socketWith(DER))).toBe('401 certificate_mismatch')
    const longer = issuer.mint.token({ claims: { cnf: { 'x5t#S256': `${THUMBPRINT}=` } } })
    expect(await ask(issuer, longer, socketWith(DER))).toBe('401 certificate_mismatch')
  })

  it('refuses where there is none, and where it cannot be read', async () => {
    const { issuer, token } = await start({ certificates: 'connection' })
    await using _ = issuer
    for (const socket of [socketWith(undefined), { remoteAddress: '192.0.2.1' }, undefined]) {
      expect(await ask(issuer, token, socket)).toBe('401 certificate_missing')
    }
    const broken = socketWith(Uint8Array.of(0x30, 1))
    expect(await ask(issuer, token, broken)).toBe('400 certificate_malformed')
  })

  it('believes no header', async () => {
    const { issuer, token } = await start({ certificates: 'connection' })
    await using _ = issuer
    const headers = { 'client-cert': formatClientCert(DER) }
    expect(await ask(issuer, token, undefined, headers)).toBe('401 certificate_missing')
  })

  it('refuses it under the scheme DPoP, which is for keys [std:223]', async () => {
    const { issuer, token } = await start({ certificates: 'connection', dpop: {} })
    await using _ = issuer
    const headers = new Headers({ authorization: `DPoP ${token}` })
    const request = { method: 'GET', url: '/', headers, socket: socketWith(DER) }
    expect(await issuer.guard(request)).toMatchObject({ status: 401, reason: 'dpop_not_bound' })
  })

  it('asks for both where a token is bound to both', async () => {
    const key = proofMint()
    const cnf = { jkt: key.thumbprint, 'x5t#S256': THUMBPRINT }
    const { issuer, token } = await start({ certificates: 'connection', dpop: {} }, cnf)
    await using _ = issuer
    const call = async (socket: GuardRequest['socket'], dpop?: string): Promise<Verdict> =>
      issuer.guard({
        method: 'GET',
        url: '/a',
        headers: new Headers({ authorization: `DPoP ${token}`, ...(dpop && { dpop }) }),
        socket,
      })
    const proof = key.proof('https://api.example/a', token, issuer.clock.now())
    expect(await call(socketWith(undefined), proof)).toMatchObject({
      reason: 'certificate_missing',
    })
    expect(await call(socketWith(DER))).toMatchObject({ reason: 'dpop_no_proof' })
    expect(await call(socketWith(DER), proof)).toMatchObject({ allowed: true })
  })

  it('offers Bearer, the scheme of such tokens, where tokens must be bound', async () => {
    const { issuer } = await start({ certificates: 'connection', binding: 'required' })
    await using _ = issuer
    expect(await issuer.ask(issuer.mint.token())).toBe('401 binding_required')
    const verdict = await issuer.guard({ method: 'GET', url: '/', headers: new Headers() })
    expect(verdict).toMatchObject({ challenge: 'Bearer realm="https://api.example/orders"' })
  })
})

describe('a guard that reads certificates from a proxy', () => {
  const field = formatClientCert(DER)

  it('believes the header of a trusted one, alone [std:133]', async () => {
    const { issuer, token } = await start({ certificates: PROXY })
    await using _ = issuer
    const proxy = { remoteAddress: '10.1.2.3' }
    const given: Record<string, string> = {}
    for (const [name, socket, header] of [
      ['trusted', proxy, field],
      ['a stranger', { remoteAddress: '192.0.2.1' }, field],
      ['nobody known', undefined, field],
      ['no header', proxy, undefined],
      ['twice', proxy, `${field}, ${field}`],
      ['junk', proxy, ':AAAA:'],
    ] as const) {
      given[name] = await ask(issuer, token, socket, header ? { 'client-cert': header } : {})
    }
    expect(given).toEqual({
      trusted: 'allowed',
      'a stranger': '400 certificate_untrusted_proxy',
      'nobody known': '400 certificate_untrusted_proxy',
      'no header': '401 certificate_missing',
      twice: '400 certificate_several',
      junk: '400 certificate_malformed',
    })
    const reasons = new Set(
      issuer.events.flatMap((one) => (one.type === 'denied' ? [one.reason] : [])),
    )
    const all = Object.keys(DENIAL_REASONS).filter((name) => name.startsWith('certificate_'))
    expect([...reasons, 'certificate_mismatch'].toSorted()).toEqual(all.toSorted())
  })

  it('refuses the header of a stranger whatever the token is, and tells of it', async () => {
    const { issuer } = await start({ certificates: PROXY })
    await using _ = issuer
    const stranger = { remoteAddress: '192.0.2.1' }
    const plain = issuer.mint.token()
    expect(await ask(issuer, plain, stranger)).toBe('allowed')
    expect(await ask(issuer, plain, stranger, { 'client-cert': field })).toBe(
      '400 certificate_untrusted_proxy',
    )
    expect(issuer.events.at(-1)).toEqual({
      type: 'denied',
      reason: 'certificate_untrusted_proxy',
      status: 400,
      issuer: issuer.origin,
      clientId: 'billing',
    })
    expect(await ask(issuer, plain, { remoteAddress: '10.1.2.3' }, { 'client-cert': field })).toBe(
      'allowed',
    )
  })

  it('takes the digest that Envoy computed where there is no certificate beside it', async () => {
    const { issuer, token } = await start({
      certificates: { format: 'xfcc', trustedProxies: ['10.0.0.0/8'] },
    })
    await using _ = issuer
    const proxy = { remoteAddress: '10.1.2.3' }
    const hash = createHash('sha256').update(DER).digest('hex')
    const other = createHash('sha256').update('another').digest('hex')
    const escaped = encodeURIComponent(PEM)
    const outcomes: Record<string, string> = {}
    for (const [name, value] of Object.entries({
      'Hash alone': `By=spiffe://a.example/api;Hash=${hash};URI=spiffe://a.example/billing`,
      'Cert alone': `Cert="${escaped}"`,
      both: `Hash=${hash};Cert="${escaped}";Subject="CN=a,O=\\"b\\""`,
      'the Hash of another': `Hash=${other}`,
      'a Cert that is not of the Hash': `Hash=${other};Cert="${escaped}"`,
      'two elements': `Hash=${other},Hash=${hash}`,
      neither: 'By=spiffe://a.example/api',
    })) {
      outcomes[name] = await ask(issuer, token, proxy, { 'x-forwarded-client-cert': value })
    }
    expect(outcomes).toEqual({
      'Hash alone': 'allowed',
      'Cert alone': 'allowed',
      both: 'allowed',
      'the Hash of another': '401 certificate_mismatch',
      'a Cert that is not of the Hash': '400 certificate_malformed',
      'two elements': '400 certificate_several',
      neither: '400 certificate_malformed',
    })
  })

  it('knows a proxy by its secret where no address is known', async () => {
    const secret = { header: 'x-proxy-secret', values: ['s'.repeat(32)] }
    const { issuer, token } = await start({ certificates: { format: 'rfc9440', secret } })
    await using _ = issuer
    const headers = { 'client-cert': field, 'x-proxy-secret': 's'.repeat(32) }
    expect(await ask(issuer, token, undefined, headers)).toBe('allowed')
    expect(await ask(issuer, token, undefined, { 'client-cert': field })).toBe(
      '400 certificate_untrusted_proxy',
    )
  })

  it('does not take the certificate of the proxy for that of the client', async () => {
    const { issuer, token } = await start({ certificates: PROXY })
    await using _ = issuer
    expect(await ask(issuer, token, socketWith(DER))).toBe('401 certificate_missing')
  })
})
