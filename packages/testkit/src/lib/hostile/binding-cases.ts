import { X509Certificate } from 'node:crypto'
import { formatBase64url } from '@countersign/protocol'
import { badTokens, bearer, cases, type HostileCase } from './hostile-case.ts'

/** A self-signed certificate of `CN=billing`. Nobody has its key any more. */
const CERTIFICATE =
  'MIIBezCCASGgAwIBAgIUM2aijq41rY+Kwl3+S/p+qTPXf/owCgYIKoZIzj0EAwIwEjEQMA4GA1UEAwwHYmlsbGluZzAgFw0y' +
  'NjExMjQxMTQyNTBaGA8yMTI2MTAzMTExNDI1MFowEjEQMA4GA1UEAwwHYmlsbGluZzBZMBMGByqGSM49AgEGCCqGSM49AwEH' +
  'A0IABAegXQvjweEdtQfX7pyMa438hef4adqpUuhCwGtjR5eJpbCLo7doHfCyPF2Onc/ZaDmKGbs//oQ9OgeTIlorXjOjUzBR' +
  'MB0GA1UdDgQWBBSgY8W1gz5/Q9lqtyx5mdQEgPxdxDAfBgNVHSMEGDAWgBSgY8W1gz5/Q9lqtyx5mdQEgPxdxDAPBgNVHRMB' +
  'Af8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIGFRYX2oVEmgclBtGjDGfXRm7FRyo1xcC+rxF+y1p2tJAiEA/CYtMDXibfht' +
  '3vbgnQgzKfk4vgFnjru8wBFqcYP16Xk='

/** Tokens that belong to one sender only, from somebody else. */
export const BINDING_CASES: readonly HostileCase[] = [
  ...badTokens(
    'binding',
    'RFC 9449 section 7.2; RFC 8705 section 3; RFC 7800',
    'binding_unsupported',
    {
      'bound by DPoP, sent as a bearer token': (mint, { key }) =>
        mint.token({ claims: { cnf: { jkt: key.thumbprint } } }),
      'bound to a certificate, sent without': (mint) =>
        mint.token({ claims: { cnf: { 'x5t#S256': thumbprint() } } }),
      'bound to both, sent with neither': (mint, { key }) =>
        mint.token({ claims: { cnf: { jkt: key.thumbprint, 'x5t#S256': thumbprint() } } }),
      'an empty cnf': (mint) => mint.token({ claims: { cnf: {} } }),
      'cnf null': (mint) => mint.token({ claims: { cnf: null } }),
      'cnf false': (mint) => mint.token({ claims: { cnf: false } }),
      'cnf as text': (mint) => mint.token({ claims: { cnf: 'jkt' } }),
      'cnf as a list': (mint) => mint.token({ claims: { cnf: [{ jkt: 'a' }] } }),
      'cnf with a jkt that is null': (mint) => mint.token({ claims: { cnf: { jkt: null } } }),
      'cnf with a jkt that is empty': (mint) => mint.token({ claims: { cnf: { jkt: '' } } }),
      'cnf with a whole key': (mint) => mint.token({ claims: { cnf: { jwk: mint.jwk } } }),
      'cnf of a kind nobody knows': (mint) => mint.token({ claims: { cnf: { kid: mint.kid } } }),
    },
  ),
  ...cases(
    'binding',
    'RFC 9440 section 4; CVE-2025-64484',
    { status: 401, error: 'invalid_token', reason: 'binding_unsupported' },
    Object.fromEntries(
      certificateHeaders().map(([name, value]) => [
        `bound to a certificate that a stranger puts into ${name}`,
        ({ mint }) => {
          const token = mint.token({ claims: { cnf: { 'x5t#S256': thumbprint() } } })
          return {
            headers: [...bearer(token).headers, [name, value], ['x-ssl-client-verify', 'SUCCESS']],
          }
        },
      ]),
    ),
  ),
]

function thumbprint(): string {
  const { fingerprint256 } = new X509Certificate(Buffer.from(CERTIFICATE, 'base64'))
  return formatBase64url(Buffer.from(fingerprint256.replaceAll(':', ''), 'hex'))
}

/** A certificate in the headers that proxies put it into. */
function certificateHeaders(): readonly (readonly [name: string, value: string])[] {
  const lines = CERTIFICATE.match(/.{1,64}/g)?.join('\n')
  const pem = encodeURIComponent(
    `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  )
  const hash = Buffer.from(thumbprint(), 'base64url').toString('hex')
  return [
    ['client-cert', `:${CERTIFICATE}:`],
    ['x-forwarded-client-cert', `Hash=${hash};Cert="${pem}"`],
    ['x-ssl-client-cert', pem],
    ['ssl-client-cert', pem],
    ['x-client-cert', CERTIFICATE],
    ['x-amzn-mtls-clientcert', pem],
    ['x-arr-clientcert', CERTIFICATE],
  ]
}
