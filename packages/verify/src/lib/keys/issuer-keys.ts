import { metadataUrls, parseAuthorizationServerMetadata, type Issuer } from '@countersign/protocol'
import { fetchJson } from '../remote/fetch-json.ts'
import { LoadFailure } from '../remote/load-failure.ts'
import {
  remoteDocument,
  type Loaded,
  type LoadRequest,
  type RemoteDocument,
} from '../remote/remote-document.ts'
import type { KeySet } from './key-set.ts'
import { publishedKeys, type KeyLoadOptions } from './published-keys.ts'

export interface IssuerKeysOptions extends KeyLoadOptions {
  readonly issuer: Issuer
  /** Where the keys are; found through the issuer's metadata when left out. */
  readonly jwksUri: string | undefined
}

/**
 * The key set of one issuer, held and kept fresh, with the metadata that leads to it.
 *
 * Each issuer has a document of its own, so a key of one never checks a token of another.
 */
export function issuerKeys(options: IssuerKeysOptions): RemoteDocument<KeySet> {
  const { jwksUri } = options
  if (jwksUri !== undefined) return publishedKeys({ ...options, jwksUri })
  const metadata = remoteDocument<string>({
    ...options,
    name: 'metadata',
    load: (request) => loadJwksUri(options, request),
  })
  return publishedKeys({
    ...options,
    jwksUri: async () => metadata.get(),
    retryAfter: metadata.retryAfter,
  })
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
