import { credentialFailure } from '../errors/credential-failure.ts'
import { CredentialError } from '../errors/token-error.ts'
import { algorithmFor, isKeyKind, wrongKey, type KeyWish } from './key-algorithm.ts'
import { keyFingerprint } from './key-fingerprint.ts'
import { parsePkcs8Pem } from './pkcs8-pem.ts'
import { publicJwk, type PublicJwk } from './public-jwk.ts'
import {
  SIGNATURE_ALGORITHMS,
  type AlgorithmParameters,
  type SignatureAlgorithm,
} from './signature-algorithm.ts'
import type { PrivateJwk, SigningKey } from './signing-key.ts'

/** Smallest RSA key. Source: RFC 7518 section 3.3. */
const MIN_RSA_BITS = 2048

/** Makes a signing key of a PKCS#8 PEM text. Throws at once: `ArgumentError`. */
export function pemSigningKey(text: string, wish: KeyWish): () => Promise<SigningKey> {
  const key = parsePkcs8Pem(text)
  if (!key.ok) throw wrongKey(wish.caller, key.reason)
  const { kind, der } = key.value
  const alg = algorithmFor(kind, undefined, wish)
  const { key: parameters } = SIGNATURE_ALGORITHMS[alg]
  return () =>
    importing(alg, async () => {
      const readable = await crypto.subtle.importKey('pkcs8', der, parameters, true, ['sign'])
      const jwk = await crypto.subtle.exportKey('jwk', readable)
      const handle = await crypto.subtle.importKey('pkcs8', der, parameters, false, ['sign'])
      return ready({ alg, handle, jwk: publicJwk(jwk) })
    })
}

/** Makes a signing key of a private JWK. Throws at once: `ArgumentError`. */
export function jwkSigningKey(jwk: PrivateJwk, wish: KeyWish): () => Promise<SigningKey> {
  const { kty, crv, d, use, key_ops: operations, kid } = jwk
  const kind = kty === 'RSA' ? kty : crv
  if (!isKeyKind(kind))
    throw wrongKey(wish.caller, 'is a JWK of a kind that is not signed with here')
  const shown = publicJwk(jwk)
  if (typeof d !== 'string' || shown === undefined) {
    throw wrongKey(wish.caller, 'is a JWK without its private half')
  }
  if (use !== undefined && use !== 'sig')
    throw wrongKey(wish.caller, "is a JWK whose 'use' is not 'sig'")
  if (operations !== undefined && !operations.includes('sign')) {
    throw wrongKey(wish.caller, "is a JWK whose 'key_ops' do not allow 'sign'")
  }
  const alg = algorithmFor(kind, jwk.alg, wish)
  // Members about its use have been honoured above; platforms disagree about them.
  const { p, q, dp, dq, qi } = jwk
  const material = kind === 'RSA' ? { ...shown, d, p, q, dp, dq, qi } : { ...shown, d }
  const { key: parameters } = SIGNATURE_ALGORITHMS[alg]
  return () =>
    importing(alg, async () => {
      const handle = await crypto.subtle.importKey(
        'jwk',
        material as JsonWebKey,
        parameters,
        false,
        ['sign'],
      )
      return ready({ alg, handle, jwk: shown, kid })
    })
}

/** Makes a signing key of a private `CryptoKey`. Throws at once: `ArgumentError`. */
export function cryptoKeySigningKey(
  key: CryptoKey,
  publicKey: CryptoKey | undefined,
  wish: KeyWish,
): () => Promise<SigningKey> {
  if (!isCryptoKey(key) || key.type !== 'private' || !key.usages.includes('sign')) {
    throw wrongKey(wish.caller, "is a CryptoKey that is not private or is not for 'sign'")
  }
  const own = algorithmOf(key)
  if (own === undefined)
    throw wrongKey(wish.caller, 'is a CryptoKey of a kind that is not signed with here')
  const alg = algorithmFor(SIGNATURE_ALGORITHMS[own].kind, own, wish)
  return () =>
    importing(alg, async () => {
      const readable = publicKey ?? (key.extractable ? key : undefined)
      const jwk = readable && (await crypto.subtle.exportKey('jwk', readable))
      return ready({ alg, handle: key, jwk: jwk && publicJwk(jwk) })
    })
}

async function ready({
  alg,
  handle,
  jwk,
  kid,
}: {
  readonly alg: SignatureAlgorithm
  readonly handle: CryptoKey
  readonly jwk: PublicJwk | undefined
  readonly kid?: string | undefined
}): Promise<SigningKey> {
  const { modulusLength } = handle.algorithm as { modulusLength?: number }
  if (modulusLength !== undefined && modulusLength < MIN_RSA_BITS) {
    throw credentialFailure(
      `the RSA key has ${modulusLength} bits`,
      `Use one of ${MIN_RSA_BITS} or more`,
    )
  }
  const { signature } = SIGNATURE_ALGORITHMS[alg]
  return {
    alg,
    kid,
    publicJwk: jwk,
    fingerprint: await keyFingerprint(alg, jwk, kid),
    sign: async (data) => new Uint8Array(await crypto.subtle.sign(signature, handle, data)),
  }
}

async function importing(
  alg: SignatureAlgorithm,
  work: () => Promise<SigningKey>,
): Promise<SigningKey> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof CredentialError) throw error
    // The platform's own error may quote the key.
    throw credentialFailure(
      `the key could not be imported for ${alg}`,
      'It is damaged, or this runtime cannot sign with it',
    )
  }
}

function algorithmOf({ algorithm }: CryptoKey): SignatureAlgorithm | undefined {
  const { name, namedCurve, hash } = algorithm as {
    name: string
    namedCurve?: string
    hash?: { name: string }
  }
  const all = Object.entries(SIGNATURE_ALGORITHMS) as [SignatureAlgorithm, AlgorithmParameters][]
  return all.find(([, { key }]) => {
    const wanted = key as { name: string; namedCurve?: string; hash?: string }
    return wanted.name === name && wanted.namedCurve === namedCurve && wanted.hash === hash?.name
  })?.[0]
}

/** Whether it is a key of WebCrypto, of whichever realm. */
export function isCryptoKey(key: object): key is CryptoKey {
  return 'usages' in key && 'algorithm' in key
}
