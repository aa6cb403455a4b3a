/**
 * Ways to make tokens that a mint would not make.
 *
 * @module
 */
import { createHmac } from 'node:crypto'
import { formatBase64url, type JsonObject } from '@countersign/protocol'
import { tokenMint, type TokenMint } from './token-mint.ts'

/** The header of a good token. */
export function honestHeader({ algorithm, kid }: TokenMint): JsonObject {
  return { typ: 'at+jwt', alg: algorithm, kid }
}

/** An instant as claims have it, so many seconds ahead of the mint's clock. */
export function seconds({ now }: TokenMint, ahead: number): number {
  return Math.floor(now() / 1000) + ahead
}

/** The mint's public key in PEM. */
export function pem({ publicKey }: TokenMint): string {
  return publicKey.export({ type: 'spki', format: 'pem' }) as string
}

/** A mint that says it is this one, with a key of its own. */
export function strangerOf({ issuer, audience, now, algorithm, kid }: TokenMint): TokenMint {
  return tokenMint({ issuer, audience, now, algorithm, kid })
}

/** A token signed with HMAC under `secret`, which a confused verifier may take for a public key. */
export function hs256(mint: TokenMint, secret: string): string {
  const token = mint.token({ header: { alg: 'HS256' } })
  const input = token.slice(0, token.lastIndexOf('.'))
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

/** The token with the bytes of its signature changed. */
export function resigned(token: string, change: (signature: Uint8Array) => Uint8Array): string {
  return resignedText(token, (old) => formatBase64url(change(Buffer.from(old, 'base64url'))))
}

/** The token with the text of its signature changed. */
export function resignedText(token: string, change: (signature: string) => string): string {
  const dot = token.lastIndexOf('.')
  return `${token.slice(0, dot)}.${change(token.slice(dot + 1))}`
}

/** The same bytes spelt with another last letter, which a lax decoder takes for the same. */
export function withStrayBits(signature: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return signature.slice(0, -1) + letters.charAt(letters.indexOf(signature.slice(-1)) + 1)
}

/** A token whose `exp` is that JSON text, for numbers that JavaScript cannot write. */
export function withRawExp(mint: TokenMint, exp: string): string {
  const payload = JSON.stringify(mint.claims({ exp: 0 })).replace('"exp":0', `"exp":${exp}`)
  return mint.sign(honestHeader(mint), payload)
}

/** A list in a list, so many deep. */
export function nested(depth: number): unknown {
  return JSON.parse('['.repeat(depth) + ']'.repeat(depth))
}
