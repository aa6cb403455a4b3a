import { verify } from 'node:crypto'
import { formatDerSignature } from '@countersign/protocol'
import { AUDIENCE, digestOf, ISSUER, type AccessTokens } from './access-tokens.ts'

/** Verifies a token with the least that can be written by hand: decoding, signature, five claims. */
export type BareVerifier = (token: string) => boolean

export function bareVerifier({ algorithm, publicKey }: AccessTokens): BareVerifier {
  const digest = digestOf(algorithm)
  return (token) => {
    const { input, signature } = signedParts(token)
    const payload = token.slice(token.indexOf('.') + 1, token.lastIndexOf('.'))
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<
      string,
      unknown
    >
    const der = algorithm === 'ES256' ? formatDerSignature(signature) : signature
    const now = Date.now() / 1000
    return (
      verify(digest, input, publicKey, der) &&
      claims['iss'] === ISSUER &&
      claims['aud'] === AUDIENCE &&
      Number(claims['exp']) > now &&
      Number(claims['iat']) <= now &&
      String(claims['scope']).includes('orders:read')
    )
  }
}

/** The signed text of a token and its signature, as bytes. */
export function signedParts(token: string): { input: Buffer; signature: Buffer } {
  const dot = token.lastIndexOf('.')
  return {
    input: Buffer.from(token.slice(0, dot)),
    signature: Buffer.from(token.slice(dot + 1), 'base64url'),
  }
}
