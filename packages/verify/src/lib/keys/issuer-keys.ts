import { metadataUrls, parseAuthorizationServerMetadata, type Issuer } from '@countersign/protocol'
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

export interface IssuerKeysOptions {
  readonly issuer: Issuer
  /** Where the keys are; found through the issuer's metadata when left out. */
  readonly jwksUri: string | undefined
  readonly algorithms: ReadonlySet<SignatureAlgorithm>
  readonly fetch: typeof globalThis.fetch
  readonly now: () => number
  /** Milliseconds for one load. */
  readonly timeout: number
  /** Milliseconds. */
  readonly staleFor: number
  readonly emit: (event: DocumentEvent) => void
}

/**
 * The key set of one issuer, held and kept fresh, with the metadata that leads to it.
 *
 * Each issuer has a document of its own, so a key of one never checks a token of another.
 */
export function issuerKeys(options: IssuerKeysOptions): RemoteDocument<KeySet> {
  const { jwksUri, algorithms, fetch } = options
  const metadata =
    jwksUri === undefined
      ? remoteDocument<string>({
          ...options,
          name: 'metadata',
          load: (request) => loadJwksUri(options, request),
        })
      : undefined
  let loadedFrom: string | undefined

  async function load({ etag, force, signal }: LoadRequest): Promise<Loaded<KeySet>> {
    const uri = jwksUri ?? (await metadata?.get())
    if (uri === undefined) throw new LoadFailure('metadata', metadata?.retryAfter())
    const { body, ...rest } = await fetchJson(uri, {
      fetch,
      accept: 'application/jwk-set+json, application/json',
      signal,
      // An entity tag says nothing about a document at another address.
      etag: uri === loadedFrom ? etag : undefined,
      force,
    })
    if (body === undefined) return { value: undefined, ...rest }
    const value = await importKeySet(body, algorithms)
    if (value === undefined) throw new LoadFailure('unacceptable')
    loadedFrom = uri
    return { value, ...rest }
  }

  return remoteDocument<KeySet>({ ...options, name: 'keys', load })
}

/** Tries the places where metadata may be, in order; reports the fault of the first. */
async function loadJwksUri(
  { issuer, fetch }: IssuerKeysOptions,
  { signal, force }: LoadRequest,
): Promise<Loaded<string>> {
  let first: unknown
  for (const url of metadataUrls(issuer)) {
    try {
      const { body, maxAge } = await fetchJson(url, {
        fetch,
        accept: 'application/json',
        signal,
        force,
      })
      return { value: readJwksUri(body, issuer), etag: undefined, maxAge }
    } catch (error) {
      first ??= error
      if (signal.aborted) break
    }
  }
  throw first
}

function readJwksUri(body: unknown, issuer: Issuer): string {
  const metadata = parseAuthorizationServerMetadata(body, issuer)
  if (!metadata.ok || metadata.value.jwksUri === undefined) throw new LoadFailure('unacceptable')
  const { jwksUri } = metadata.value
  // A remote issuer must not lead us to a plain-text server on this machine.
  if (issuer.startsWith('https:') && !/^https:/i.test(jwksUri)) {
    throw new LoadFailure('unacceptable')
  }
  return jwksUri
}
