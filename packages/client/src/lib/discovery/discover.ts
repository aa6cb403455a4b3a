import {
  metadataUrls,
  parseAuthorizationServerMetadata,
  parseJsonObject,
  type AuthorizationServerMetadata,
  type Issuer,
} from '@countersign/protocol'
import { peerText } from '../errors/peer-text.ts'
import { PeerError, type TokenError } from '../errors/token-error.ts'
import { boundedAnswer } from '../http/bounded-answer.ts'
import type { FetchFunction } from '../http/fetch-function.ts'
import { parseRetryAfter } from '../http/retry-after.ts'

/** How metadata is fetched. */
export interface DiscoverOptions {
  readonly fetch: FetchFunction
  /** Milliseconds for each of the places tried. */
  readonly timeout: number
  readonly signal?: AbortSignal | undefined
  readonly now: () => number
}

/**
 * An issuer's metadata: RFC 8414 first, then the two OpenID places.
 *
 * A place that has no document passes to the next. When none has, the most telling failure is
 * thrown: a wrong issuer before an unusable document, that before an outage, that before "nothing
 * there". Source: RFC 8414 section 3; OpenID Connect Discovery 1.0 section 4.
 *
 * Throws: `ERR_METADATA_ISSUER`, `ERR_METADATA_INVALID`, `ERR_METADATA_NOT_FOUND`, `ERR_NETWORK`,
 * `ERR_TIMEOUT`, `ERR_RESPONSE_STATUS` (5xx, retryable) and those of a bounded answer.
 */
export async function discover(
  issuer: Issuer,
  options: DiscoverOptions,
): Promise<AuthorizationServerMetadata> {
  let telling: TokenError | undefined
  for (const url of metadataUrls(issuer)) {
    const found = await metadataAt(new URL(url), issuer, options)
    if (!(found instanceof Error)) return found
    if (telling === undefined || weight(found) > weight(telling)) telling = found
  }
  throw telling ?? notFound(issuer)
}

async function metadataAt(
  url: URL,
  issuer: Issuer,
  { fetch, timeout, signal, now }: DiscoverOptions,
): Promise<AuthorizationServerMetadata | TokenError> {
  const answer = await boundedAnswer(
    url,
    { headers: { accept: 'application/json' } },
    { fetch, timeout, phase: 'discovery', signal },
  )
  if (answer.status >= 500 || answer.status === 429) {
    return new PeerError('ERR_RESPONSE_STATUS', `${url.origin} answered ${answer.status}`, {
      phase: 'discovery',
      status: answer.status,
      retryable: true,
      retryAfter: parseRetryAfter(answer.headers.get('retry-after'), now()),
    })
  }
  if (answer.status !== 200) return notFound(issuer)
  const json = parseJsonObject(answer.text)
  if (!json.ok) return invalid(url, json.reason)
  const metadata = parseAuthorizationServerMetadata(json.value, issuer)
  if (metadata.ok) return metadata.value
  const named = json.value['issuer']
  return metadata.member === 'issuer' && typeof named === 'string'
    ? wrongIssuer(issuer, named)
    : invalid(url, `${metadata.member} ${metadata.reason}`)
}

const WEIGHTS: readonly string[] = [
  'ERR_METADATA_NOT_FOUND',
  'ERR_RESPONSE_STATUS',
  'ERR_METADATA_INVALID',
  'ERR_METADATA_ISSUER',
]

function weight(error: TokenError): number {
  return WEIGHTS.indexOf(error.code)
}

function notFound(issuer: Issuer): PeerError {
  return new PeerError('ERR_METADATA_NOT_FOUND', `${issuer} publishes no metadata`, {
    phase: 'discovery',
    hint: 'Check issuer, or give tokenEndpoint if the server has no discovery',
  })
}

function invalid(url: URL, reason: string): PeerError {
  return new PeerError(
    'ERR_METADATA_INVALID',
    `the metadata at ${url.href} is unusable: ${reason}`,
    {
      phase: 'discovery',
      hint: 'Give tokenEndpoint and authMethod by hand if it cannot be mended',
    },
  )
}

function wrongIssuer(asked: string, named: string): PeerError {
  const shown = peerText(named)
  return new PeerError('ERR_METADATA_ISSUER', `the metadata of ${asked} names issuer ${shown}`, {
    phase: 'discovery',
    hint:
      asked.replace(/\/$/, '') === shown.replace(/\/$/, '')
        ? 'The two differ by a trailing slash only: set issuer to the second'
        : 'Set issuer to the second if you trust it, or check the address',
  })
}
