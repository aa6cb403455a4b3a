import {
  createHmac,
  generateKeyPairSync,
  sign as cryptoSign,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto'
import type { RunningAuthorizationServer } from '@countersign/testkit'
import type { FormAnswer } from './post-form.ts'
import { postToken, type TokenPost } from './post-token.ts'

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** A key pair that signs assertions. */
export interface AssertionKey {
  readonly alg: string
  readonly privateKey: KeyObject
  readonly publicJwk: JsonWebKey & Record<string, unknown>
  readonly publicPem: string
}

/** A fresh key for an algorithm. */
export function assertionKey(alg = 'ES256'): AssertionKey {
  const { publicKey, privateKey } = makeKeyPair(alg)
  return {
    alg,
    privateKey,
    publicJwk: { ...publicKey.export({ format: 'jwk' }) },
    publicPem: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
  }
}

function makeKeyPair(alg: string): ReturnType<typeof generateKeyPairSync> {
  if (alg === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' })
  if (alg === 'Ed25519' || alg === 'EdDSA') return generateKeyPairSync('ed25519')
  if (alg === 'ML-DSA-44') return generateKeyPairSync('ml-dsa-44')
  if (alg === 'ML-DSA-65') return generateKeyPairSync('ml-dsa-65')
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
}

/** The claims of a good assertion, made at `now`. */
export function goodClaims(
  clientId: string,
  audience: string,
  now = Date.now(),
): Record<string, unknown> {
  const iat = Math.floor(now / 1000)
  return {
    iss: clientId,
    sub: clientId,
    aud: audience,
    iat,
    exp: iat + 60,
    jti: crypto.randomUUID(),
  }
}

/** A compact JWS with these members, by a private key, a secret (HMAC), or with no signature at all. */
export function signJwt(
  header: Readonly<Record<string, unknown>>,
  claims: Readonly<Record<string, unknown>>,
  key: KeyObject | string | undefined,
): string {
  const input = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${input}.${signatureOf(input, String(header['alg']), key)?.toString('base64url') ?? ''}`
}

function signatureOf(
  input: string,
  alg: string,
  key: KeyObject | string | undefined,
): Buffer | undefined {
  if (key === undefined) return undefined
  const data = Buffer.from(input)
  if (typeof key === 'string') return createHmac('sha256', key).update(data).digest()
  if (key.asymmetricKeyType === 'ec')
    return cryptoSign('sha256', data, { key, dsaEncoding: 'ieee-p1363' })
  if (key.asymmetricKeyType !== 'rsa') return cryptoSign(null, data, key)
  return alg.startsWith('PS')
    ? cryptoSign('sha256', data, { key, padding: 6, saltLength: 32 })
    : cryptoSign('sha256', data, key)
}

/** The form parameters of an assertion. */
export function assertionForm(assertion: string, clientId?: string): Record<string, string> {
  return {
    ...(clientId !== undefined && { client_id: clientId }),
    client_assertion_type: JWT_BEARER,
    client_assertion: assertion,
  }
}

/** Posts an assertion to a server and gives the answer with the event that it made. */
export async function present(
  server: RunningAuthorizationServer,
  form: Readonly<Record<string, string>>,
  post: Omit<TokenPost, 'form'> = {},
): Promise<
  FormAnswer & { readonly event: RunningAuthorizationServer['events'][number] | undefined }
> {
  const answer = await postToken(server.tokenEndpoint, { ...post, form })
  return { ...answer, event: server.events.at(-1) }
}
