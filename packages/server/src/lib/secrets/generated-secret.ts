import { randomBytes } from 'node:crypto'
import { crc32 } from './crc-32.ts'

/**
 * A client secret as this server makes them: `csgn_`, 43 characters of 256 random bits, 6 of checksum.
 *
 * Letters and digits only, so every Basic encoding writes it the same and a double click selects it
 * whole. The prefix lets secret scanners find a leaked one.
 */
export function generateSecret(): string {
  const text = SECRET_PREFIX + base62(bytesToInteger(randomBytes(32)), RANDOM_LENGTH)
  return text + checksum(text)
}

/**
 * Whether `text` has the form of a generated secret: prefix, alphabet, length and checksum.
 *
 * Tells a secret that was cut or mistyped from one that is wrong, with no look-up. It says nothing
 * about whether the secret belongs to anyone.
 */
export function isGeneratedSecret(text: string): boolean {
  if (!FORM.test(text)) return false
  const end = SECRET_PREFIX.length + RANDOM_LENGTH
  return checksum(text.slice(0, end)) === text.slice(end)
}

function checksum(text: string): string {
  let rest = crc32(text)
  let sum = ''
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    sum = ALPHABET.charAt(rest % 62) + sum
    rest = Math.floor(rest / 62)
  }
  return sum
}

function base62(value: bigint, length: number): string {
  let rest = value
  let text = ''
  for (let i = 0; i < length; i++) {
    text = ALPHABET.charAt(Number(rest % 62n)) + text
    rest /= 62n
  }
  return text
}

function bytesToInteger(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

/** What every generated secret begins with. */
export const SECRET_PREFIX = 'csgn_'
// 62^43 is just over 2^256, 62^6 just over 2^32.
const RANDOM_LENGTH = 43
const CHECKSUM_LENGTH = 6
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const FORM = /^csgn_[0-9A-Za-z]{49}$/
