import { hash } from 'node:crypto'
import { crc32 } from '../secrets/crc-32.ts'
import { randomPool } from './random-pool.ts'

const PREFIX = 'cst_'
const RANDOM_BYTES = 32
const RANDOM_LENGTH = 43
const FORM = /^cst_[\w-]{49}$/

const CHECKSUM = Buffer.alloc(4)

const randomText = randomPool()

/**
 * An opaque access token: `cst_`, 43 characters of 256 random bits, 6 of checksum, all base64url.
 *
 * The prefix lets secret scanners find a leaked one; the checksum tells one that was cut or mistyped
 * from one that is unknown, with no look-up.
 */
export function generateOpaqueToken(): string {
  const text = PREFIX + randomText(RANDOM_BYTES)
  return text + checksum(text)
}

/**
 * Whether `text` has the form of an opaque token: prefix, alphabet, length and checksum. It says
 * nothing about whether there is such a token.
 */
export function isOpaqueToken(text: string): boolean {
  if (!FORM.test(text)) return false
  const end = PREFIX.length + RANDOM_LENGTH
  return checksum(text.slice(0, end)) === text.slice(end)
}

/** What an opaque token is kept under: base64url of its SHA-256. 256 random bits need no slow hash. */
export function opaqueTokenDigest(token: string): string {
  return hash('sha256', token, 'base64url')
}

function checksum(text: string): string {
  CHECKSUM.writeUInt32BE(crc32(text))
  return CHECKSUM.toString('base64url')
}
