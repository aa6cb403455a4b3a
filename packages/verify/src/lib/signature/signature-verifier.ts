import { isRequestBound } from '../remote/request-bound.ts'
import { nodeCrypto, nodeVerifier } from './node-verifier.ts'
import type { PublicJwk } from './public-jwk.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'
import { webVerifier } from './web-verifier.ts'

/** One key, imported for one algorithm. */
export interface SignatureVerifier {
  /**
   * Whether `signature` is this key's over `input`, a text of ASCII or its bytes.
   *
   * Never throws and never rejects: what cannot be checked is not a signature.
   */
  verify(
    input: string | Uint8Array<ArrayBuffer>,
    signature: Uint8Array<ArrayBuffer>,
  ): boolean | Promise<boolean>
}

/**
 * Imports a key for one algorithm; `undefined` when the runtime refuses it, or does not know it.
 *
 * Where there is node:crypto it checks in place, which is much quicker than WebCrypto's way through
 * other threads; elsewhere, and on Cloudflare Workers, WebCrypto does. Both give the same answers.
 */
export async function importVerifier(
  key: PublicJwk,
  algorithm: SignatureAlgorithm,
): Promise<SignatureVerifier | undefined> {
  // What Workers have of node:crypto takes good signatures of PS256 for bad ones.
  const crypto = isRequestBound() ? undefined : nodeCrypto()
  return crypto === undefined ? webVerifier(key, algorithm) : nodeVerifier(crypto, key, algorithm)
}
