import { generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto'
import { parseDerSignature } from '@countersign/protocol'

/** Signs an access token for a client, with the bare work that takes. */
export type BareSigner = (claims: object) => string | Promise<string>

/**
 * ES256 at once on the caller's thread; RS256 on the thread pool, since 0.25 ms of it would hold up
 * every other request.
 */
export function bareSigner(alg: string): BareSigner {
  const header = encode({ typ: 'at+jwt', alg, kid: 'floor-key-0123456789' })
  if (alg === 'RS256') {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    return async (claims) => {
      const input = `${header}.${encode(claims)}`
      return `${input}.${(await signOnPool(input, privateKey)).toString('base64url')}`
    }
  }
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return (claims) => {
    const input = `${header}.${encode(claims)}`
    const signature = parseDerSignature(sign('sha256', Buffer.from(input), privateKey), 32)
    return `${input}.${Buffer.from(signature ?? []).toString('base64url')}`
  }
}

/** The claims of RFC 9068 that our own tokens have. */
export function accessTokenClaims(clientId: string): object {
  const iat = Math.floor(Date.now() / 1000)
  return {
    iss: 'http://127.0.0.1',
    sub: clientId,
    client_id: clientId,
    aud: 'https://api.example.test/orders',
    scope: 'orders:read',
    iat,
    exp: iat + 3600,
    jti: randomUUID(),
  }
}

function signOnPool(input: string, key: KeyObject): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    sign('sha256', Buffer.from(input), key, (error, signature) => {
      if (error === null) resolve(signature)
      else reject(error)
    })
  })
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
