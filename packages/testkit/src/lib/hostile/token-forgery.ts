/**
 * Ways to make tokens that a mint would not make.
 *
 * @module
 */
import { createHmac } from 'node:crypto'
import { formatBase64url, type JsonObject } from '@countersign/protocol'
import { tokenMint, type TokenMint } from '../token-mint.ts'

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
export function strangerOf(mint: TokenMint): TokenMint {
  const { issuer, audience, now, algorithm, kid, clientId, scope } = mint
  return tokenMint({ issuer, audience, now, algorithm, kid, clientId, scope })
}

/** The mint's public key in DER. */
export function der({ publicKey }: TokenMint): Buffer {
  return publicKey.export({ type: 'spki', format: 'der' })
}

/** The mint's public key as SSH writes keys down: its kind, and the bytes in base64. */
export function sshText({ publicKey, algorithm }: TokenMint): string {
  const { n = '', e = '', x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const parts: readonly (string | Buffer)[] = algorithm.startsWith('ES')
    ? ['ecdsa-sha2-nistp256', 'nistp256', Buffer.from(`04${hex(x)}${hex(y)}`, 'hex')]
    : algorithm.endsWith('S256')
      ? ['ssh-rsa', Buffer.from(e, 'base64url'), Buffer.from(`00${hex(n)}`, 'hex')]
      : ['ssh-ed25519', Buffer.from(x, 'base64url')]
  const bytes = parts.flatMap((part) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(Buffer.byteLength(part))
    return [length, Buffer.from(part)]
  })
  return `${parts[0]?.toString()} ${Buffer.concat(bytes).toString('base64')}`
}

function hex(base64url: string): string {
  return Buffer.from(base64url, 'base64url').toString('hex')
}

/** A token signed with HMAC under `secret`, which a confused verifier may take for a public key. */
export function hmac(
  mint: TokenMint,
  secret: string | Uint8Array,
  alg: 'HS256' | 'HS384' | 'HS512' = 'HS256',
): string {
  const token = mint.token({ header: { alg } })
  const input = token.slice(0, token.lastIndexOf('.'))
  const hash = alg.replace('HS', 'sha')
  return `${input}.${createHmac(hash, secret).update(input).digest('base64url')}`
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

/** A good token whose payload has one more member at its end, with a name that may stand there before. */
export function withLastMember(mint: TokenMint, name: string, value: unknown): string {
  const payload = JSON.stringify(mint.claims())
  const member = `"${name}":${JSON.stringify(value)}`
  return mint.sign(honestHeader(mint), `${payload.slice(0, -1)},${member}}`)
}

/** A list in a list, so many deep. */
export function nested(depth: number): unknown {
  return JSON.parse('['.repeat(depth) + ']'.repeat(depth))
}
