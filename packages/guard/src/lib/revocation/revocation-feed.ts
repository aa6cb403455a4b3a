import { assertKnownOptions, optionalNumber, type AccessTokenClaims } from '@countersign/protocol'
import { issuerAddress, sha256Base64url } from '@countersign/verify'
import { onceKnown } from '../once-known.ts'
import { FEED_TYPE, isNewer, readFeedDocument, type FeedDocument } from './feed-document.ts'
import { loadSigned, type Loaded } from './load-signed.ts'
import { markDigests } from './mark-digests.ts'
import { perToken } from './per-token.ts'
import { readUrl } from './read-url.ts'
import { readWhenUnknown } from './read-when-unknown.ts'
import { renewedDocument, type RenewalRequest } from './renewed-document.ts'
import {
  REVOKED,
  STANDS,
  unknownStanding,
  type RevocationCheck,
  type RevocationContext,
  type RevocationSource,
  type Standing,
  type WhenUnknown,
} from './revocation-check.ts'

export interface RevocationFeedOptions {
  /** Where the feed is. Default: `countersign_revocation_feed` of the issuer's metadata. */
  readonly url?: string
  /** How old what is known may be while the server answers. Milliseconds, default 10,000. */
  readonly interval?: number
  /**
   * How long a feed that cannot be renewed goes on to count once it is over by its own word, which is five
   * minutes after a Countersign server read its registry. Milliseconds, default 0.
   */
  readonly staleFor?: number
  /** What becomes of tokens when no feed counts. Default `refuse`: 503. */
  readonly whenUnknown?: WhenUnknown
  /** Most marks that are held; a feed with more is refused. Default 100,000. */
  readonly maxMarks?: number
}

interface FeedSettings {
  readonly url: string | undefined
  readonly interval: number
  readonly staleFor: number
  readonly whenUnknown: WhenUnknown
  readonly maxMarks: number
}

/**
 * Goes by the signed feed of a Countersign server: what it has revoked or disabled is refused within
 * `interval` and one load, however seldom requests come.
 *
 * Requests drive the loads, there is no timer. The feed must be signed by a key of the issuer that it has
 * not revoked, be the issuer's, and not be over; an older one never replaces a newer one.
 * Throws: `ArgumentError` for wrong options.
 */
export function revocationFeed(options: RevocationFeedOptions = {}): RevocationSource {
  const settings = readOptions(options)
  return (context) => feedCheck(settings, context)
}

function feedCheck(settings: FeedSettings, context: RevocationContext): RevocationCheck {
  const { interval, staleFor, whenUnknown } = settings
  const { clockTolerance } = context
  const address =
    settings.url === undefined
      ? issuerAddress({ ...context, read: ({ all }) => all['countersign_revocation_feed'] })
      : undefined
  const digestsOf = markDigests()

  const document = renewedDocument<FeedDocument>({
    ...context,
    source: 'feed',
    async load(request) {
      const url = settings.url ?? (await address?.get())
      if (url === undefined) {
        return { ok: false, fault: 'no_feed', retryAfter: address?.retryAfter() ?? 0 }
      }
      const loaded = await loadFeed(url, request, settings, context)
      if (!loaded.ok) return loaded
      const usableUntil = loaded.value.expiresAt + clockTolerance + staleFor
      return { ...loaded, freshFor: interval, usableUntil }
    },
  })

  const isEnded = perToken(document.version, (claims, key) =>
    onceKnown(digestsOf(claims, key), (digests) => {
      const marks = document.peek()?.marks
      return digests.some((digest) => claims.iat <= (marks?.get(digest) ?? -1))
    }),
  )

  function judge(
    feed: FeedDocument | undefined,
    claims: AccessTokenClaims,
    key: string | undefined,
  ): Standing | Promise<Standing> {
    const otherwise =
      feed === undefined ? unknownStanding(whenUnknown, 'feed', document.retryAfter()) : STANDS
    // What was known goes on to count, however old it is: there is nothing better to go by.
    if ((document.peek()?.marks.size ?? 0) === 0) return otherwise
    const ended = isEnded(claims, key)
    if (typeof ended === 'boolean') return ended ? REVOKED : otherwise
    return ended.then((one) => (one ? REVOKED : otherwise))
  }

  const check: RevocationCheck = (claims, key) => {
    const feed = document.get()
    return feed instanceof Promise
      ? feed.then((one) => judge(one, claims, key))
      : judge(feed, claims, key)
  }
  check.load = async () => (await document.get()) !== undefined || whenUnknown === 'allow'
  return check
}

function loadFeed(
  url: string,
  request: RenewalRequest<FeedDocument>,
  { maxMarks }: FeedSettings,
  context: RevocationContext,
): Promise<Loaded<FeedDocument>> {
  const { held } = request
  const { issuer, now, clockTolerance } = context
  return loadSigned(url, request, context, {
    type: FEED_TYPE,
    maxLength: BASE_SIZE + MARK_SIZE * maxMarks,
    async read(payload, { thumbprint }, etag) {
      const feed = readFeedDocument(payload, { issuer, now: now(), clockTolerance, maxMarks })
      if (typeof feed === 'string') return { ok: false, fault: feed }
      // Whoever has a key that leaked could say with it that it was never revoked.
      const signer = (await sha256Base64url(`signing_key ${thumbprint}`)).slice(0, 22)
      if (feed.marks.get(signer) === Infinity || held?.marks.get(signer) === Infinity) {
        return { ok: false, fault: 'signature' }
      }
      if (held === undefined || isNewer(feed, held)) return { ok: true, value: feed, etag }
      // One as old as ours is ours; one that is older comes from a node that is behind, or from a replay.
      return { ok: true, value: held, etag: isNewer(held, feed) ? undefined : etag }
    },
  })
}

/** Characters of a feed without marks: header, claims and signature, with room to spare. */
const BASE_SIZE = 16_384
/** Characters of one mark, after the base64url of it, with room to spare. */
const MARK_SIZE = 80

function readOptions(options: RevocationFeedOptions): FeedSettings {
  const caller = 'revocationFeed'
  const names = ['url', 'interval', 'staleFor', 'whenUnknown', 'maxMarks']
  assertKnownOptions(caller, options, names)
  const given: RevocationFeedOptions = options
  const number = (
    name: 'interval' | 'staleFor' | 'maxMarks',
    [fallback, min, max]: readonly [number, number, number],
  ): number => optionalNumber(caller, name, given[name], { fallback, min, max })
  return {
    url: readUrl(caller, 'url', given.url),
    interval: number('interval', [10_000, 1000, 120_000]),
    staleFor: number('staleFor', [0, 0, 7 * 86_400_000]),
    whenUnknown: readWhenUnknown(caller, given.whenUnknown),
    maxMarks: number('maxMarks', [100_000, 1, 1_000_000]),
  }
}
