import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto'

/**
 * What is stored of a client secret: its HMAC-SHA-256 under a pepper that the store does not hold.
 *
 * A slow hash would add nothing: the secret is 256 random bits, so there is no list to guess from.
 */
export function secretDigest(pepper: KeyObject, secret: string): Buffer {
  return createHmac('sha256', pepper).update(secret).digest()
}

/** Whether two digests are the same, in a time that does not tell where they differ. */
export function digestsEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right)
}
