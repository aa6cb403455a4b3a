import type { RefusalReason } from '@countersign/server'
import { assertionForm, goodClaims, signJwt, type AssertionKey } from './assertion-kit.ts'

/** What a refused assertion is made of: a client with a registered key, and one with no key. */
export interface RefusalKit {
  readonly issuer: string
  readonly tokenEndpoint: string
  readonly clientId: string
  readonly key: AssertionKey
  readonly otherKey: AssertionKey
  /** Its credential was disabled. */
  readonly disabledKey: AssertionKey
}

type Refusal = readonly [
  what: string,
  reason: RefusalReason,
  make: (kit: RefusalKit) => Record<string, string>,
  detail?: { readonly claim?: string; readonly clockOffSeconds?: number },
]

/** A good assertion, but for what is changed. `undefined` takes a member away. */
function changed(
  { clientId, issuer, key }: RefusalKit,
  claims: Record<string, unknown>,
  header: Record<string, unknown> = {},
): string {
  const all = { ...goodClaims(clientId, issuer), ...claims }
  return signJwt({ alg: 'ES256', typ: 'JWT', ...header }, all, key.privateKey)
}

const withClaims =
  (claims: (kit: RefusalKit) => Record<string, unknown>) =>
  (kit: RefusalKit): Record<string, string> =>
    assertionForm(changed(kit, claims(kit)))

const withHeader =
  (header: Record<string, unknown>) =>
  (kit: RefusalKit): Record<string, string> =>
    assertionForm(changed(kit, {}, header))

const nowSeconds = (): number => Math.floor(Date.now() / 1000)

/** Every way for an assertion of a client about itself to be refused. */
export const ASSERTION_REFUSALS: readonly Refusal[] = [
  [
    '[std:111] another assertion type',
    'assertion_type_unsupported',
    (kit) => ({ ...assertionForm(changed(kit, {})), client_assertion_type: 'urn:other' }),
  ],
  [
    '[std:123] a SAML assertion',
    'assertion_type_unsupported',
    () => ({
      client_assertion: 'PHNhbWw-',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer',
    }),
  ],
  [
    'an assertion without its type',
    'assertion_type_unsupported',
    (kit) => ({ client_assertion: changed(kit, {}) }),
  ],
  [
    'a type without an assertion',
    'assertion_type_unsupported',
    () => ({ client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' }),
  ],
  ['an assertion that is no JWT', 'assertion_malformed', () => assertionForm('x.y.z')],
  [
    'two assertions in one',
    'assertion_malformed',
    (kit) => assertionForm(`${changed(kit, {})},${changed(kit, {})}`),
  ],
  [
    '[std:90] alg none without a signature',
    'assertion_malformed',
    (kit) =>
      assertionForm(signJwt({ alg: 'none' }, goodClaims(kit.clientId, kit.issuer), undefined)),
  ],
  ['[std:90] alg none with a signature', 'assertion_algorithm_wrong', withHeader({ alg: 'none' })],
  [
    '[std:82] a critical extension',
    'assertion_malformed',
    withHeader({ crit: ['b64'], b64: false }),
  ],
  ['[std:105] [std:119] an access token', 'assertion_typ_wrong', withHeader({ typ: 'at+jwt' })],
  ['[std:105] a DPoP proof', 'assertion_typ_wrong', withHeader({ typ: 'dpop+jwt' })],
  [
    'an issuer that it does not know',
    'assertion_issuer_unknown',
    withClaims(() => ({ iss: 'https://ci.example.test', sub: 'repo:acme/billing' })),
  ],
  [
    'a client that it does not know',
    'client_unknown',
    withClaims(() => ({ iss: 'nobody', sub: 'nobody' })),
  ],
  [
    '[std:112] a client_id of another client',
    'client_id_differs',
    (kit) => assertionForm(changed(kit, {}), 'keyless'),
  ],
  [
    '[std:96] [std:97] an algorithm that the key is not registered for',
    'assertion_algorithm_wrong',
    withHeader({ alg: 'RS256' }),
  ],
  ['an algorithm that does not exist', 'assertion_algorithm_wrong', withHeader({ alg: 'ES999' })],
  ['an algorithm in another case', 'assertion_algorithm_wrong', withHeader({ alg: 'es256' })],
  [
    'HMAC with the public key as its secret, as PEM',
    'assertion_algorithm_wrong',
    ({ clientId, issuer, key }) =>
      assertionForm(signJwt({ alg: 'HS256' }, goodClaims(clientId, issuer), key.publicPem)),
  ],
  [
    'HMAC with the public key as its secret, as JWK',
    'assertion_algorithm_wrong',
    ({ clientId, issuer, key }) =>
      assertionForm(
        signJwt({ alg: 'HS256' }, goodClaims(clientId, issuer), JSON.stringify(key.publicJwk)),
      ),
  ],
  [
    'HMAC with an empty secret',
    'assertion_algorithm_wrong',
    ({ clientId, issuer }) =>
      assertionForm(signJwt({ alg: 'HS256' }, goodClaims(clientId, issuer), '')),
  ],
  [
    'a kid that is not the one of the key',
    'assertion_key_unknown',
    withHeader({ kid: 'no such key' }),
  ],
  [
    'an assertion about a client that has no key',
    'assertion_key_unknown',
    withClaims(() => ({ iss: 'keyless', sub: 'keyless' })),
  ],
  [
    'a signature by another key',
    'assertion_signature_wrong',
    ({ clientId, issuer, otherKey }) =>
      assertionForm(signJwt({ alg: 'ES256' }, goodClaims(clientId, issuer), otherKey.privateKey)),
  ],
  [
    '[std:98] a key that it brings along',
    'assertion_signature_wrong',
    ({ clientId, issuer, otherKey }) =>
      assertionForm(
        signJwt(
          { alg: 'ES256', jwk: otherKey.publicJwk, jku: 'https://evil.example.test/jwks' },
          goodClaims(clientId, issuer),
          otherKey.privateKey,
        ),
      ),
  ],
  [
    'a signature by a credential that was disabled',
    'credential_ended',
    ({ clientId, issuer, disabledKey }) =>
      assertionForm(
        signJwt({ alg: 'ES256' }, goodClaims(clientId, issuer), disabledKey.privateKey),
      ),
  ],
  [
    'claims that were changed after signing',
    'assertion_signature_wrong',
    (kit) => {
      const [header = '', , signature = ''] = changed(kit, {}).split('.')
      const claims = { ...goodClaims(kit.clientId, kit.issuer), scope: 'everything' }
      const payload = Buffer.from(JSON.stringify(claims)).toString('base64url')
      return assertionForm([header, payload, signature].join('.'))
    },
  ],
  ['[std:113] no iss', 'assertion_subject_wrong', withClaims(() => ({ iss: undefined }))],
  ['[std:113] no sub', 'assertion_subject_wrong', withClaims(() => ({ sub: undefined }))],
  [
    'an iss that is another client',
    'assertion_subject_wrong',
    withClaims(() => ({ iss: 'keyless' })),
  ],
  ['no aud', 'assertion_audience_wrong', withClaims(() => ({ aud: undefined }))],
  [
    '[std:114] [std:118] the token endpoint as aud',
    'assertion_audience_wrong',
    withClaims(({ tokenEndpoint }) => ({ aud: tokenEndpoint })),
  ],
  [
    '[std:118] the issuer with a slash more',
    'assertion_audience_wrong',
    withClaims(({ issuer }) => ({ aud: `${issuer}/` })),
  ],
  [
    '[std:237] a list with the issuer in it',
    'assertion_audience_wrong',
    withClaims(({ issuer }) => ({ aud: [issuer] })),
  ],
  [
    'a list with the issuer and another server',
    'assertion_audience_wrong',
    withClaims(({ issuer }) => ({ aud: [issuer, 'https://other.example.test'] })),
  ],
  ['no exp', 'assertion_claim_missing', withClaims(() => ({ exp: undefined })), { claim: 'exp' }],
  [
    'an exp that is a text',
    'assertion_claim_missing',
    withClaims(() => ({ exp: String(nowSeconds() + 60) })),
    { claim: 'exp' },
  ],
  ['no jti', 'assertion_claim_missing', withClaims(() => ({ jti: undefined })), { claim: 'jti' }],
  [
    'a jti of a thousand characters',
    'assertion_claim_missing',
    withClaims(() => ({ jti: 'j'.repeat(1000) })),
    { claim: 'jti' },
  ],
  [
    'an iat that is no number',
    'assertion_claim_missing',
    withClaims(() => ({ iat: 'now' })),
    { claim: 'iat' },
  ],
  [
    '[std:91] [std:120] an exp that is past',
    'assertion_expired',
    withClaims(() => ({ iat: nowSeconds() - 300, exp: nowSeconds() - 240 })),
    { clockOffSeconds: -300 },
  ],
  [
    '[std:91] an nbf in the future',
    'assertion_not_yet_valid',
    withClaims(() => ({ iat: undefined, nbf: nowSeconds() + 90, exp: nowSeconds() + 150 })),
    { clockOffSeconds: 90 },
  ],
  [
    'an iat in the future',
    'assertion_not_yet_valid',
    withClaims(() => ({ iat: nowSeconds() + 90, exp: nowSeconds() + 150 })),
    { clockOffSeconds: 90 },
  ],
  [
    '[std:120] an exp a day ahead',
    'assertion_life_too_long',
    withClaims(() => ({ exp: nowSeconds() + 86_400 })),
    { clockOffSeconds: 0 },
  ],
]
