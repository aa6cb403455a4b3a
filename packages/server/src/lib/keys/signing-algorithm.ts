import { constants, generateKeyPair, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { parseDerSignature } from '@countersign/protocol'
import type { SigningAlgorithm } from '../registry/records.ts'

/** Every algorithm that tokens may be signed with, the default first. */
export const SIGNING_ALGORITHMS: readonly SigningAlgorithm[] = Object.freeze([
  'ES256',
  'Ed25519',
  'PS256',
  'RS256',
  'ML-DSA-44',
  'ML-DSA-65',
])

/** Whether `value` names an algorithm of {@link SIGNING_ALGORITHMS}. */
export function isSigningAlgorithm(value: unknown): value is SigningAlgorithm {
  return SIGNING_ALGORITHMS.some((one) => one === value)
}

/** Whether this runtime can make and use keys of an algorithm: ML-DSA needs Node 24.6 or later. */
export function isAvailable(algorithm: SigningAlgorithm): boolean {
  if (algorithm !== 'ML-DSA-44' && algorithm !== 'ML-DSA-65') return true
  mlDsa ??= knowsMlDsa()
  return mlDsa
}

let mlDsa: boolean | undefined

function knowsMlDsa(): boolean {
  try {
    generateKeyPairSync('ml-dsa-44')
    return true
  } catch {
    return false
  }
}

/** Named here: later types of Node have no name for it. */
interface KeyPair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

/**
 * Makes a key pair, away from the event loop. RSA keys have 2048 bits.
 *
 * Rejects for an algorithm that is not {@link isAvailable}.
 */
export function generateKeys(algorithm: SigningAlgorithm): Promise<KeyPair> {
  switch (algorithm) {
    case 'ES256':
      return pairOf((done) => generateKeyPair('ec', { namedCurve: 'P-256' }, done))
    case 'Ed25519':
      return pairOf((done) => generateKeyPair('ed25519', undefined, done))
    case 'PS256':
    case 'RS256':
      return pairOf((done) => generateKeyPair('rsa', { modulusLength: 2048 }, done))
    case 'ML-DSA-44':
      return pairOf((done) => generateKeyPair('ml-dsa-44', undefined, done))
    case 'ML-DSA-65':
      return pairOf((done) => generateKeyPair('ml-dsa-65', undefined, done))
  }
}

type PairCallback = (error: Error | null, publicKey: KeyObject, privateKey: KeyObject) => void

/** By hand: `promisify` would load `node:util`, and with it fifteen modules that nobody here needs. */
function pairOf(start: (done: PairCallback) => void): Promise<KeyPair> {
  return new Promise((resolve, reject) => {
    start((error, publicKey, privateKey) => {
      if (error === null) resolve({ publicKey, privateKey })
      else reject(error)
    })
  })
}

/**
 * How a key signs: a signature in the form JOSE has for it.
 *
 * ES256 and Ed25519 take some 30 microseconds and answer at once. The others take ten times that and
 * more, so they run on the thread pool, where they stop nobody else.
 * Source: RFC 7518 sections 3.3 to 3.5; RFC 8037 section 3.1; RFC 9964 section 4.
 */
export function signerOf(
  algorithm: SigningAlgorithm,
  key: KeyObject,
): (text: string) => Uint8Array | Promise<Uint8Array> {
  switch (algorithm) {
    // The bare key wherever there is a choice: inside an options object Node 24 takes a path that is
    // twice as slow.
    case 'ES256':
      return (text) => signEs256(key, text)
    case 'Ed25519':
      return (text) => sign(null, Buffer.from(text), key)
    case 'RS256':
      return (text) => signApart('sha256', text, key)
    case 'PS256': {
      // RFC 7518 section 3.5: the salt is as long as the hash.
      const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
      return (text) => signApart('sha256', text, pss)
    }
    case 'ML-DSA-44':
    case 'ML-DSA-65':
      return (text) => signApart(null, text, key)
  }
}

function signEs256(key: KeyObject, text: string): Uint8Array {
  const signature = parseDerSignature(sign('sha256', Buffer.from(text), key), 32)
  if (signature === undefined) throw new Error('the crypto library gave no P-256 signature')
  return signature
}

type PoolKey = Parameters<typeof sign>[2]

function signApart(digest: string | null, text: string, key: PoolKey): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    sign(digest, Buffer.from(text), key, (error, signature) => {
      if (error === null) resolve(signature)
      else reject(error)
    })
  })
}
