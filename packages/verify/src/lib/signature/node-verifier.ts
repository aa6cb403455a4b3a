import { formatDerSignature, MAX_COMPACT_JWS } from '@countersign/protocol'
import type { PublicJwk } from './public-jwk.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'
import type { SignatureVerifier } from './signature-verifier.ts'

/** The little of node:crypto that is used here. */
export interface NodeCrypto {
  /** Not in every runtime that has the rest. */
  hash?(algorithm: 'sha256', data: string | Uint8Array, encoding: 'base64url'): string
  createPublicKey(input: { readonly key: PublicJwk; readonly format: 'jwk' }): NodeKey
  verify(
    digest: 'sha256' | null,
    data: Uint8Array,
    key: NodeKey | { readonly key: NodeKey; readonly padding: number; readonly saltLength: number },
    signature: Uint8Array,
  ): boolean
}

/** A `KeyObject`. */
export interface NodeKey {
  readonly type: string
}

/** The runtime's node:crypto, found without importing it; `undefined` where there is none. */
export function nodeCrypto(): NodeCrypto | undefined {
  const { process } = globalThis as unknown as {
    readonly process?: { getBuiltinModule?(name: string): Partial<NodeCrypto> | undefined }
  }
  const crypto = process?.getBuiltinModule?.('node:crypto')
  const complete =
    typeof crypto?.createPublicKey === 'function' && typeof crypto.verify === 'function'
  return complete ? (crypto as NodeCrypto) : undefined
}

/**
 * A verifier on node:crypto, which answers at once.
 *
 * The key is handed over bare wherever that is possible: inside an options object Node 24 takes a
 * path that costs half as much again.
 */
export function nodeVerifier(
  crypto: NodeCrypto,
  jwk: PublicJwk,
  algorithm: SignatureAlgorithm,
): SignatureVerifier | undefined {
  let key: NodeKey
  try {
    key = crypto.createPublicKey({ key: jwk, format: 'jwk' })
  } catch {
    return undefined
  }
  const check = checkFor(crypto, key, algorithm)
  return {
    verify(input, signature) {
      try {
        return check(bytesOf(input), signature)
      } catch {
        return false
      }
    },
  }
}

/** Where the check is done in place, one buffer serves them all: each of its own would cost more. */
const SCRATCH = new Uint8Array(MAX_COMPACT_JWS)
/** For the signature in DER, in the same way. */
const DER = new Uint8Array(64 + 9)
const ENCODER = new TextEncoder()

function bytesOf(input: string | Uint8Array): Uint8Array {
  if (typeof input !== 'string') return input
  if (input.length > SCRATCH.length) return ENCODER.encode(input)
  const { read, written } = ENCODER.encodeInto(input, SCRATCH)
  return read === input.length ? SCRATCH.subarray(0, written) : ENCODER.encode(input)
}

const RSA_PKCS1_PSS_PADDING = 6
const SHA256_LENGTH = 32

type Check = (data: Uint8Array, signature: Uint8Array) => boolean

function checkFor(crypto: NodeCrypto, key: NodeKey, algorithm: SignatureAlgorithm): Check {
  if (algorithm === 'ES256') {
    // RFC 7518 section 3.4: 64 bytes, no other length.
    return (data, signature) =>
      signature.length === 64 &&
      crypto.verify('sha256', data, key, formatDerSignature(signature, DER))
  }
  if (algorithm === 'RS256') {
    return (data, signature) => crypto.verify('sha256', data, key, signature)
  }
  if (algorithm === 'PS256') {
    // RFC 7518 section 3.5: the salt is as long as the hash.
    const pss = { key, padding: RSA_PKCS1_PSS_PADDING, saltLength: SHA256_LENGTH }
    return (data, signature) => crypto.verify('sha256', data, pss, signature)
  }
  return (data, signature) => crypto.verify(null, data, key, signature)
}
