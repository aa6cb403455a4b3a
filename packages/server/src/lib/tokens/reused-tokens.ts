import type { IssuedToken, TokenIssuer, TokenOrder } from './token-issuer.ts'

/** Most tokens that are held for reuse. The one held longest goes first. */
const MAX_HELD = 10_000

/**
 * Gives a client that asks again the JWT it was given before, for `window` milliseconds: signing is
 * what costs, and a client that does not keep its token asks for each call.
 *
 * The same token is given for the same client, credential, resource, scope, lifetime, authorization
 * details and binding, while it has more than half its life left, and never across a change of the
 * registry: a revocation, a rotation, a new grant all start anew.
 */
export function reusedTokens(
  issue: TokenIssuer,
  { window, revision }: { readonly window: number; readonly revision: () => number },
): TokenIssuer {
  const held = new Map<string, Held>()
  let heldAt = -1

  function hold(key: string, token: IssuedToken, { now }: TokenOrder, at: number): IssuedToken {
    // The registry may have changed while the token was signed.
    if (revision() !== at) return token
    if (held.size >= MAX_HELD) {
      const [oldest = ''] = held.keys()
      held.delete(oldest)
    }
    held.delete(key)
    const until = Math.min(now + window, (now + token.expiresAt) / 2)
    held.set(key, { token, from: now, until })
    return token
  }

  return (order) => {
    if (order.decision.resource.tokenFormat !== 'jwt') return issue(order)
    const at = revision()
    if (heldAt !== at) held.clear()
    heldAt = at
    const key = keyOf(order)
    const known = held.get(key)
    // Where the clock was set back, the token is of a time to come.
    if (known !== undefined && order.now >= known.from && order.now < known.until) {
      const { token } = known
      // What is left of a token that is given again is less than it was.
      const lifetimeSeconds = Math.floor((token.expiresAt - order.now) / 1000)
      if (lifetimeSeconds > 0) return { ...token, lifetimeSeconds }
    }
    const made = issue(order)
    return made instanceof Promise
      ? made.then((token) => hold(key, token, order, at))
      : hold(key, made, order, at)
  }
}

interface Held {
  readonly token: IssuedToken
  readonly from: number
  readonly until: number
}

function keyOf({ client, decision, confirmation }: TokenOrder): string {
  const { resource, scope, lifetimeSeconds, authorizationDetails } = decision
  // No part of these may hold a line end, so two orders that differ never give one text.
  const key = [
    client.credential.credentialId,
    client.registered.client.clientId,
    resource.resource,
    scope.join(' '),
    lifetimeSeconds,
  ].join('\n')
  if (authorizationDetails.length === 0 && confirmation === undefined) return key
  return `${key}\n${JSON.stringify([authorizationDetails, confirmation ?? null])}`
}
