import type { JsonObject } from '@countersign/protocol'
import type { DocumentEvent } from '../remote/document-event.ts'
import { fetchJson } from '../remote/fetch-json.ts'
import { LoadFailure } from '../remote/load-failure.ts'
import {
  remoteDocument,
  type Loaded,
  type LoadRequest,
  type RemoteDocument,
} from '../remote/remote-document.ts'
import type { SignatureAlgorithm } from '../signature/signature-algorithm.ts'
import { importKeySet, type KeySet } from './key-set.ts'

/** How a key set is loaded and kept. */
export interface KeyLoadOptions {
  readonly algorithms: ReadonlySet<SignatureAlgorithm>
  readonly fetch: typeof globalThis.fetch
  readonly now: () => number
  /** Milliseconds for one load. */
  readonly timeout: number
  /** Milliseconds. */
  readonly staleFor: number
  readonly emit: (event: DocumentEvent) => void
  /** Thumbprints of the only keys that are taken, whatever else is published. Source: RFC 7638. */
  readonly pinnedKeys?: ReadonlySet<string> | undefined
  /** Is given each load, for platforms that end what a request has begun once it is answered. */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined
}

export interface PublishedKeysOptions extends KeyLoadOptions {
  /** Where the set is. A function is asked at each load; `undefined` from it ends the load. */
  readonly jwksUri: string | (() => Promise<string | undefined>)
  /** Milliseconds to leave a server alone that would not say where the set is. Default: none. */
  readonly retryAfter?: () => number
  /** The JWK set that a document is, where it is written in a way of its own. Default: the document. */
  readonly toJwkSet?: (document: JsonObject) => JsonObject
}

/**
 * The key set at an address, held and kept fresh: of a client that registered a `jwks_uri`, or of an
 * issuer.
 *
 * Where the address comes from somebody else, pass a `fetch` that keeps to the public internet, such as
 * {@link publicFetch}.
 * Source: RFC 7517 section 5; RFC 7591 section 2.
 */
export function publishedKeys(options: PublishedKeysOptions): RemoteDocument<KeySet> {
  const { jwksUri, algorithms, pinnedKeys, fetch, retryAfter, emit } = options
  const { toJwkSet = (document) => document } = options
  let loadedFrom: string | undefined

  async function load({ etag, force, signal }: LoadRequest): Promise<Loaded<KeySet>> {
    const uri = typeof jwksUri === 'string' ? jwksUri : await jwksUri()
    if (uri === undefined) throw new LoadFailure('metadata', retryAfter?.())
    const { body, ...rest } = await fetchJson(uri, {
      fetch,
      accept: 'application/jwk-set+json, application/json',
      signal,
      // An entity tag says nothing about a document at another address.
      etag: uri === loadedFrom ? etag : undefined,
      force,
    })
    if (body === undefined) return { value: undefined, ...rest }
    const value = await importKeySet(toJwkSet(body), algorithms, pinnedKeys)
    if (value === undefined) throw new LoadFailure('unacceptable')
    if (value.unpinned > 0) emit({ type: 'unpinned_keys', document: 'keys', count: value.unpinned })
    loadedFrom = uri
    return { value, ...rest }
  }

  return remoteDocument<KeySet>({ ...options, name: 'keys', load })
}
