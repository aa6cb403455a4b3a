import type { OptionDefinitions } from '../command.ts'

/** What a new credential is made of: one kind of these, a secret where none is given. */
export const NEW_CREDENTIAL_OPTIONS: OptionDefinitions = {
  label: { value: 'TEXT', help: 'What or who uses it, for people', default: 'its kind' },
  expires: { value: 'SPAN', help: 'Refuse it after this, such as 90d', default: 'never' },
  sealed: { help: 'Of a secret: keep it encrypted besides, which client_secret_jwt needs' },
  'import-secret': {
    value: 'PATH',
    help: 'A secret made elsewhere, from a file, or - for standard input; kept under a slow hash',
  },
  'public-key': { value: 'PATH', help: 'A public key, PEM or JWK: private_key_jwt' },
  alg: { value: 'ALG', help: 'Of a public key: the one algorithm its signatures may have' },
  'jwks-uri': { value: 'URL', help: 'Where the client publishes its keys: private_key_jwt' },
  certificate: { value: 'PATH', help: 'One certificate, PEM: self_signed_tls_client_auth' },
  'subject-dn': { value: 'DN', help: 'The subject of its certificates: tls_client_auth' },
  'san-dns': { value: 'NAME', help: 'The DNS name in its certificates: tls_client_auth' },
  'san-uri': {
    value: 'URI',
    help: 'The URI in its certificates, such as a SPIFFE ID: tls_client_auth',
  },
  'trusted-issuer': { value: 'URL', help: 'Who vouches for the workload; see countersign issuer' },
  subject: { value: 'TEXT', help: 'With --trusted-issuer: the sub of its assertions' },
  audience: {
    value: 'TEXT',
    help: 'With --trusted-issuer: the aud they must have',
    default: 'this server',
  },
  claim: {
    value: 'NAME=TEXT',
    repeats: true,
    help: 'With --trusted-issuer: another claim they must have',
  },
}
