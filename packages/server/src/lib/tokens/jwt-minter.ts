import { randomUUID } from 'node:crypto'
import { ACCESS_TOKEN_TYPE, type JsonObject } from '@countersign/protocol'
import type { SigningKey } from '../keys/signing-key.ts'
import type { SigningAlgorithm } from '../registry/records.ts'
import type { CustomClaims } from './custom-claims.ts'
import { tokenClaims, tokenTimes, tokenTypeOf } from './token-claims.ts'
import type { IssuedToken, TokenIssuer, TokenOrder } from './token-issuer.ts'

/**
 * Makes access tokens in the form of RFC 9068, signed with the algorithm of their resource.
 *
 * A token never outlives the publication of its key: where the key is about to be withdrawn, the
 * token lives shorter. Source: RFC 9068 sections 2.1, 2.2 and 2.2.3.
 */
export function jwtMinter({
  issuer,
  signingKey,
  customClaims,
}: {
  readonly issuer: string
  /** The key that signs at an instant. Throws or rejects where there is none. */
  readonly signingKey: (now: number, alg: SigningAlgorithm) => SigningKey | Promise<SigningKey>
  readonly customClaims: CustomClaims
}): TokenIssuer {
  const headers = new WeakMap<SigningKey, string>()

  function headerOf(key: SigningKey): string {
    const known = headers.get(key)
    if (known !== undefined) return known
    const header = segment({ typ: ACCESS_TOKEN_TYPE, alg: key.record.alg, kid: key.record.kid })
    headers.set(key, header)
    return header
  }

  function mint(
    order: TokenOrder,
    key: SigningKey,
    custom: JsonObject | undefined,
  ): IssuedToken | Promise<IssuedToken> {
    const { kid, withdrawAt } = key.record
    const { lifetimeSeconds } = order.decision
    const times = tokenTimes(order.now, lifetimeSeconds, withdrawAt ?? Infinity)
    const jti = randomUUID()
    const claims = tokenClaims(order, times, { issuer, jti, custom })
    const input = `${headerOf(key)}.${segment(claims)}`
    const issued = (signature: Uint8Array): IssuedToken => ({
      token: `${input}.${base64url(signature)}`,
      tokenType: tokenTypeOf(order),
      jti,
      kid,
      lifetimeSeconds: times.lifetimeSeconds,
      expiresAt: times.expiresAt * 1000,
    })
    const signature = key.sign(input)
    return signature instanceof Promise ? signature.then(issued) : issued(signature)
  }

  return (order) => {
    const custom = customClaims(order)
    const key = signingKey(order.now, order.decision.resource.signingAlgorithm)
    // A promise costs a turn of the event loop, so none is waited for where there is none.
    if (!(key instanceof Promise) && !(custom instanceof Promise)) return mint(order, key, custom)
    return Promise.all([key, custom]).then((both) => mint(order, ...both))
  }
}

function segment(members: JsonObject): string {
  return Buffer.from(JSON.stringify(members)).toString('base64url')
}

function base64url({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64url')
}
