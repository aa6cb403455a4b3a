import { randomUUID } from 'node:crypto'
import type { JsonObject } from '@countersign/protocol'
import { ServerError } from '../server-error.ts'
import type { OpaqueTokenStore } from '../stores/opaque-token-store.ts'
import { STORE_DEADLINE, within } from '../stores/within.ts'
import type { CustomClaims } from './custom-claims.ts'
import { generateOpaqueToken, opaqueTokenDigest } from './opaque-token.ts'
import { tokenClaims, tokenTimes, tokenTypeOf } from './token-claims.ts'
import type { IssuedToken, TokenIssuer, TokenOrder } from './token-issuer.ts'

/**
 * Makes access tokens that say nothing: what a JWT would say is kept in the store, under a digest.
 *
 * A token is given out once the store has it, and not at all where the store fails: `ERR_STORE`.
 */
export function opaqueMinter({
  issuer,
  store,
  customClaims,
}: {
  readonly issuer: string
  readonly store: OpaqueTokenStore
  readonly customClaims: CustomClaims
}): TokenIssuer {
  function mint(
    order: TokenOrder,
    custom: JsonObject | undefined,
  ): IssuedToken | Promise<IssuedToken> {
    const times = tokenTimes(order.now, order.decision.lifetimeSeconds)
    const jti = randomUUID()
    const token = generateOpaqueToken()
    const expiresAt = times.expiresAt * 1000
    const claims = tokenClaims(order, times, { issuer, jti, custom })
    const issued = {
      token,
      tokenType: tokenTypeOf(order),
      jti,
      kid: undefined,
      lifetimeSeconds: times.lifetimeSeconds,
      expiresAt,
    }
    try {
      const putting = store.put({ digest: opaqueTokenDigest(token), claims, expiresAt })
      return putting === undefined
        ? issued
        : within(putting, STORE_DEADLINE, 'the store of opaque tokens').then(() => issued, fail)
    } catch (cause) {
      return fail(cause)
    }
  }

  return (order) => {
    const custom = customClaims(order)
    return custom instanceof Promise
      ? custom.then((made) => mint(order, made))
      : mint(order, custom)
  }
}

function fail(cause: unknown): never {
  throw new ServerError('ERR_STORE', 'an opaque token could not be stored', { cause })
}
