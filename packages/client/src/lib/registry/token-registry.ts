import {
  askedToken,
  hasVariation,
  variationKey,
  type AskedToken,
} from '../grants/token-variation.ts'
import { recentlyUsed } from '../recently-used.ts'
import type { TokenKeeper } from '../reuse/keep-token.ts'
import type { TokenStatus } from '../reuse/token-status.ts'
import type { TokenRequest, TokenSource, TokenVariation } from '../token-source.ts'

/** What a registry is made of. */
export interface TokenRegistryOptions {
  /** What the client asks for where a call says nothing. */
  readonly base: AskedToken
  /** Keeps one of the tokens; called once for each. */
  readonly keep: (source: TokenSource, asked: AskedToken) => TokenKeeper
  /** Most tokens kept besides the client's usual one: the least recently used goes first. */
  readonly limit: number
}

/**
 * Keeps one token for each thing that calls ask for, as many as `limit` allows.
 *
 * Two calls share a token exactly where they ask for the same: scopes in any order, resources in any
 * order, audience, authorization details, parameters and partition. See {@link variationKey}.
 */
export function tokenRegistry(
  asking: TokenSource,
  { base, keep, limit }: TokenRegistryOptions,
): TokenKeeper {
  const usual = keep(asking, base)
  const usualKey = variationKey(base)
  let gone: Counts = { tokenRequests: 0, tokensServed: 0 }
  const others = recentlyUsed<TokenKeeper>(limit, (keeper) => {
    gone = counted(gone, keeper)
  })

  function keeperFor(request: TokenRequest): TokenKeeper {
    const asked = askedToken('getToken', request, base)
    const key = variationKey(asked)
    if (key === usualKey) return usual
    return others.of(key, () => {
      const variation = variationOf(request, asked)
      return keep((inner) => asking({ ...inner, ...variation }), asked)
    })
  }

  return {
    source(request) {
      if (request === undefined || !hasVariation(request)) return usual.source(request)
      try {
        return keeperFor(request).source(withoutVariation(request))
      } catch (error) {
        return Promise.reject(error)
      }
    },
    peek: usual.peek,
    status: () => ({ ...usual.status(), ...[usual, ...others.values()].reduce(counted, gone) }),
  }
}

type Counts = Pick<TokenStatus, 'tokenRequests' | 'tokensServed'>

function counted(sum: Counts, keeper: TokenKeeper): Counts {
  const { tokenRequests, tokensServed } = keeper.status()
  return {
    tokenRequests: sum.tokenRequests + tokenRequests,
    tokensServed: sum.tokensServed + tokensServed,
  }
}

/**
 * What the call named, as it was then: every renewal asks for what the key says, whatever became of
 * the caller's own lists and objects.
 */
function variationOf(request: TokenRequest, asked: AskedToken): TokenVariation {
  const named = Object.entries(asked).filter(([name]) => {
    return request[name as keyof AskedToken] !== undefined
  })
  return Object.fromEntries(named)
}

/** What is left to ask of a keeper of this very token; mostly nothing, which is its quickest way. */
function withoutVariation({
  signal,
  rejected,
  background,
}: TokenRequest): TokenRequest | undefined {
  if (signal === undefined && rejected === undefined && background === undefined) return undefined
  return {
    ...(signal !== undefined && { signal }),
    ...(rejected !== undefined && { rejected }),
    ...(background !== undefined && { background }),
  }
}
