import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import {
  formatBase64url,
  formatCompactJws,
  thumbprintInput,
  type JsonObject,
} from '@countersign/protocol'

/** Makes DPoP proofs with one ES256 key, honest ones and others. */
export interface ProofMint {
  /** What `cnf.jkt` of a token holds that is bound to the key. */
  readonly thumbprint: string
  /** The key as nobody should send it. */
  readonly privateJwk: JsonObject
  /** A good proof for a GET of `url` with `token`, but for what is changed; `now` in epoch milliseconds. */
  proof(
    url: string,
    token: string,
    now: number,
    changed?: { readonly claims?: JsonObject; readonly header?: JsonObject },
  ): string
}

/** A mint with a fresh key. */
export function proofMint(): ProofMint {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...publicKey.export({ format: 'jwk' }) }
  return {
    thumbprint: digest(thumbprintInput(jwk) ?? ''),
    privateJwk: { ...privateKey.export({ format: 'jwk' }) },
    proof(url, token, now, { claims = {}, header = {} } = {}) {
      const input = [
        { typ: 'dpop+jwt', alg: 'ES256', jwk, ...header },
        {
          jti: randomUUID(),
          htm: 'GET',
          htu: url,
          iat: Math.floor(now / 1000),
          ath: digest(token),
          ...claims,
        },
      ]
        .map((part) => formatBase64url(Buffer.from(JSON.stringify(part))))
        .join('.')
      const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const
      return formatCompactJws(input, sign('sha256', Buffer.from(input), key))
    },
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
