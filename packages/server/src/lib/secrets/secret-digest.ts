import { hash, timingSafeEqual, type KeyObject } from 'node:crypto'

/**
 * What is stored of a client secret: its HMAC-SHA-256 under a pepper that the store does not hold.
 *
 * A slow hash would add nothing: the secret is 256 random bits, so there is no list to guess from.
 * Source: RFC 2104 section 2.
 */
export function secretDigest(pepper: KeyObject, secret: string): Buffer {
  let digester = digesters.get(pepper)
  if (digester === undefined) {
    digester = secretDigester(pepper.export())
    digesters.set(pepper, digester)
  }
  return digester(secret)
}

/** Whether two digests are the same, in a time that does not tell where they differ. */
export function digestsEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right)
}

const digesters = new WeakMap<KeyObject, (secret: string) => Buffer>()

const BLOCK_BYTES = 64
const DIGEST_BYTES = 32
const PREPARED_BYTES = 256

/**
 * HMAC of two one-shot hashes over blocks that are prepared once: node's own makes an object for every
 * call, for three times the cost, and this is done for every token.
 */
function secretDigester(key: Uint8Array): (secret: string) => Buffer {
  if (key.length > BLOCK_BYTES) throw new RangeError('the key is longer than a block')
  const inner = Buffer.alloc(BLOCK_BYTES + PREPARED_BYTES)
  const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES)
  for (let at = 0; at < BLOCK_BYTES; at++) {
    inner[at] = (key[at] ?? 0) ^ 0x36
    outer[at] = (key[at] ?? 0) ^ 0x5c
  }
  return (secret) => {
    const length = Buffer.byteLength(secret)
    const message =
      length > PREPARED_BYTES
        ? Buffer.concat([inner.subarray(0, BLOCK_BYTES), Buffer.from(secret)])
        : inner.subarray(0, BLOCK_BYTES + inner.write(secret, BLOCK_BYTES))
    // As text, since node makes a buffer of its own for bytes, for twice the cost.
    outer.write(hash('sha256', message, 'binary'), BLOCK_BYTES, DIGEST_BYTES, 'latin1')
    message.fill(0, BLOCK_BYTES)
    return Buffer.from(hash('sha256', outer, 'binary'), 'latin1')
  }
}
