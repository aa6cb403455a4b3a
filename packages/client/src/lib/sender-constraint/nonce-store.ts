import { recentlyUsed } from '../recently-used.ts'

/**
 * Keeps the newest nonce of each server, for {@link dpop}.
 *
 * A key names the server's origin, its role and the client's key. Nonces are no secrets. What a store
 * throws is dropped: a nonce that was lost costs one more challenge, never a call.
 */
export interface NonceStore {
  get(key: string): string | undefined
  set(key: string, nonce: string): void
}

/** A {@link NonceStore} in memory, for as many servers as `limit` says; default 1000. */
export function memoryNonceStore(limit: number = 1000): NonceStore {
  return recentlyUsed<string>(limit)
}

/** Longest nonce that is kept: it comes back in a header of every request. */
const MAX_NONCE = 1024

/**
 * The nonce that an answer brings, successes included; `undefined` where there is none, or more than
 * one, or one with other characters than a nonce may have. Source: RFC 9449 sections 8.1 and 8.2.
 */
export function nonceOf(headers: Headers): string | undefined {
  const nonce = headers.get('dpop-nonce')
  if (nonce === null || nonce.length > MAX_NONCE) return undefined
  return /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(nonce) ? nonce : undefined
}
