import { randomUUID } from 'node:crypto'
import { ACCESS_TOKEN_TYPE, formatBase64url } from '@countersign/protocol'
import type { SigningKey } from '../keys/signing-key.ts'
import type { IssuedToken, TokenIssuer } from './token-issuer.ts'

/**
 * Makes access tokens in the form of RFC 9068.
 *
 * A token never outlives the publication of its key: where the key is about to be withdrawn, the
 * token lives shorter. Source: RFC 9068 sections 2.1, 2.2 and 2.2.3.
 */
export function jwtMinter({
  issuer,
  signingKey,
}: {
  readonly issuer: string
  /** The key that signs at an instant. Throws where there is none. */
  readonly signingKey: (now: number) => SigningKey
}): TokenIssuer {
  const headers = new WeakMap<SigningKey, string>()
  return ({ client, decision, now }): IssuedToken => {
    const { clientId } = client.registered.client
    const key = signingKey(now)
    const { kid, withdrawAt } = key.record
    const issuedAt = Math.floor(now / 1000)
    // A token lives at least as long as `expires_in` promises: one of a second must not be given a
    // tenth of it because `exp` has whole seconds.
    const livesFrom = Math.ceil(now / 1000)
    const keyLife = Math.floor((withdrawAt ?? Infinity) / 1000) - livesFrom
    const lifetimeSeconds = Math.min(decision.lifetimeSeconds, keyLife)
    const expiresAt = livesFrom + lifetimeSeconds
    const jti = randomUUID()
    let header = headers.get(key)
    if (header === undefined) {
      header = segment({ typ: ACCESS_TOKEN_TYPE, alg: key.record.alg, kid })
      headers.set(key, header)
    }
    const claims = segment({
      iss: issuer,
      sub: clientId,
      aud: decision.resource.resource,
      client_id: clientId,
      scope: decision.scope.join(' '),
      iat: issuedAt,
      exp: expiresAt,
      jti,
    })
    const input = `${header}.${claims}`
    const token = `${input}.${formatBase64url(key.sign(input))}`
    return {
      token,
      tokenType: 'Bearer',
      jti,
      kid,
      lifetimeSeconds,
      expiresAt: expiresAt * 1000,
    }
  }
}

function segment(members: object): string {
  return Buffer.from(JSON.stringify(members)).toString('base64url')
}
