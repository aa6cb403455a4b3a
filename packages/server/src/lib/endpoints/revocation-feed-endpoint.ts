import { createHash } from 'node:crypto'
import { formatBase64url } from '@countersign/protocol'
import type { Answer } from '../http/answer.ts'
import type { Received } from '../http/connection.ts'
import type { DocumentSigner } from '../keys/signed-document.ts'
import type { RegistrySnapshot } from '../registry/snapshot.ts'
import { ServerError } from '../server-error.ts'
import { liveMarks, type LiveMark } from '../tokens/live-marks.ts'

/** How long a reader may keep the feed without asking again, in seconds. */
const MAX_AGE = 10
/** From its reading of the registry a feed is good for this long, in milliseconds: 5 minutes. */
const LIFE = 300_000
/** One that is older is signed anew, so that readers always have half the life left. */
const RENEW_AFTER = LIFE / 2
/** However often the registry changes, no feed is signed within this span of the last one. */
const LEAST_SPAN = 1000

/** What the feed is made of. */
export interface RevocationFeedOptions {
  readonly issuer: string
  readonly snapshot: () => RegistrySnapshot
  /** When the registry was last read; `undefined` where it never was. */
  readonly lastReadAt: () => number | undefined
  readonly sign: DocumentSigner
  readonly now: () => number
}

interface SignedFeed {
  readonly revision: number
  readonly readAt: number
  readonly madeAt: number
  readonly body: string
  readonly etag: string
}

/**
 * The revocation feed: everything that ends tokens before their time, in one signed document.
 *
 * It is public and names nobody: identifiers stand in it as digests. It is signed once for each revision
 * of the registry, not for each request. `iat` says when the registry was read, not when it was signed:
 * a server that is cut off from its store cannot make an old list look fresh, and answers 503 once the
 * list it has is over its life.
 *
 * The format is in docs/server/revocation.md.
 */
export function revocationFeedEndpoint(
  options: RevocationFeedOptions,
): (received: Received) => Promise<Answer> {
  const { issuer, snapshot, lastReadAt, sign, now } = options
  let current: SignedFeed | undefined
  let making: Promise<SignedFeed> | undefined

  async function make(readAt: number, madeAt: number): Promise<SignedFeed> {
    const view = snapshot()
    const { revision } = view
    const iat = Math.floor(readAt / 1000)
    const claims = {
      iss: issuer,
      iat,
      exp: iat + LIFE / 1000,
      revision,
      marks: liveMarks(view, madeAt).map(wireMark),
    }
    const body = await sign('revocation-feed+jwt', claims, madeAt)
    const digest = formatBase64url(createHash('sha256').update(body).digest())
    current = { revision, readAt, madeAt, body, etag: `"${digest.slice(0, 22)}"` }
    return current
  }

  function needsRenewal(feed: SignedFeed, readAt: number, at: number): boolean {
    const age = at - feed.madeAt
    // A clock that was set back makes a feed from the future: it is of no use to measure with.
    if (age < 0) return true
    if (readAt - feed.readAt >= RENEW_AFTER) return true
    return snapshot().revision !== feed.revision && age >= LEAST_SPAN
  }

  return async ({ request }) => {
    const at = now()
    const readAt = lastReadAt() ?? at
    if (current === undefined || needsRenewal(current, readAt, at)) {
      making ??= make(readAt, at).finally(() => (making = undefined))
      await making
    }
    const feed = current
    if (feed === undefined || at >= feed.readAt + LIFE) {
      throw new ServerError(
        'ERR_STORE',
        'the registry was not read for too long to say who is revoked',
      )
    }
    const headers = { 'cache-control': `max-age=${MAX_AGE}`, etag: feed.etag }
    const known = request.headers.get('if-none-match')
    if (known !== null && matches(known, feed.etag)) return { status: 304, headers, body: '' }
    return {
      status: 200,
      headers: { 'content-type': 'application/revocation-feed+jwt', ...headers },
      body: feed.body,
    }
  }
}

/** Digest, last `iat` that is ended (null for every one), instant of no more use (null for none). */
function wireMark({ digest, notAfter, expiresAt }: LiveMark): readonly (string | number | null)[] {
  return [digest, inSeconds(notAfter, Math.floor), inSeconds(expiresAt, Math.ceil)]
}

/** Epoch seconds; null for an instant that no clock reaches. */
function inSeconds(at: number, round: (value: number) => number): number | null {
  return at >= LAST_INSTANT ? null : round(at / 1000)
}

/** The last instant a `Date` can show. */
const LAST_INSTANT = 8.64e15

function matches(ifNoneMatch: string, etag: string): boolean {
  if (ifNoneMatch.trim() === '*') return true
  return ifNoneMatch.split(',').some((one) => one.trim().replace(/^W\//, '') === etag)
}
