import { createHash } from 'node:crypto'
import {
  revocationFeed,
  type RevocationFeedOptions,
  type RevocationSource,
} from '@countersign/guard/revocation'
import type { JsonObject } from '@countersign/protocol'
import {
  startLoopbackServer,
  type LoopbackHandler,
  type ReceivedRequest,
} from '@countersign/testkit'
import type { TokenMint } from '@countersign/testkit/contracts'

/** A revocation feed that does as the test says. */
export interface ScriptedFeed extends AsyncDisposable {
  /** For the option `revocation` of a guard. */
  readonly source: RevocationSource
  readonly requests: readonly ReceivedRequest[]
  /** Answers from here on. */
  respond(handler: LoopbackHandler): void
}

const FEED_MEDIA_TYPE = 'application/revocation-feed+jwt'

/** Starts one at an address of its own: the guard's issuer is elsewhere. */
export async function startScriptedFeed(
  options: RevocationFeedOptions = {},
): Promise<ScriptedFeed> {
  let respond: LoopbackHandler = () => new Response(null, { status: 500 })
  const server = await startLoopbackServer((request, received) => respond(request, received))
  return {
    source: revocationFeed({ url: `${server.origin}/feed`, ...options }),
    requests: server.requests,
    respond(handler) {
      respond = handler
    },
    [Symbol.asyncDispose]: () => server.close(),
  }
}

/** An answer with such a text, as a feed is served. */
export function feedAnswer(text: string, headers: Record<string, string> = {}): Response {
  return new Response(text, { headers: { 'content-type': FEED_MEDIA_TYPE, ...headers } })
}

/** A feed that the mint signs: good and empty, apart from what is overridden. */
export function feedOf(
  { sign, kid, algorithm, issuer, now }: TokenMint,
  claims: JsonObject = {},
  header: JsonObject = {},
): string {
  const iat = Math.floor(now() / 1000)
  return sign(
    { typ: 'revocation-feed+jwt', alg: algorithm, kid, ...header },
    { iss: issuer, iat, exp: iat + 300, revision: 1, marks: [], ...claims },
  )
}

/** A mark that ends everything of what it names. */
export function markOf(target: string, id: string): readonly [string, null, null] {
  const digest = createHash('sha256').update(`${target} ${id}`).digest('base64url').slice(0, 22)
  return [digest, null, null]
}
