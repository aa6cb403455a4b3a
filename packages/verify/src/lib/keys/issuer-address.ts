import {
  metadataUrls,
  parseAuthorizationServerMetadata,
  parseSecureUrl,
  type AuthorizationServerMetadata,
  type Issuer,
} from '@countersign/protocol'
import { fetchJson } from '../remote/fetch-json.ts'
import { LoadFailure } from '../remote/load-failure.ts'
import {
  remoteDocument,
  type Loaded,
  type LoadRequest,
  type RemoteDocument,
  type RemoteDocumentOptions,
} from '../remote/remote-document.ts'

export interface IssuerAddressOptions extends Omit<RemoteDocumentOptions<string>, 'name' | 'load'> {
  readonly issuer: Issuer
  readonly fetch: typeof globalThis.fetch
  /** The address in the metadata. */
  readonly read: (metadata: AuthorizationServerMetadata) => unknown
}

/**
 * An address of an issuer, by its metadata; held and kept fresh.
 *
 * The places where metadata may be are tried in order, and the fault of the first is reported.
 * Source: RFC 8414 section 3.
 */
export function issuerAddress(options: IssuerAddressOptions): RemoteDocument<string> {
  return remoteDocument({
    ...options,
    name: 'metadata',
    load: (request) => loadAddress(options, request),
  })
}

async function loadAddress(
  options: IssuerAddressOptions,
  { signal, force }: LoadRequest,
): Promise<Loaded<string>> {
  const { issuer, fetch } = options
  let first: unknown
  for (const url of metadataUrls(issuer)) {
    try {
      const accept = 'application/json'
      const { body, maxAge } = await fetchJson(url, { fetch, accept, signal, force })
      return { value: readAddress(body, options), etag: undefined, maxAge }
    } catch (error) {
      first ??= error
      if (signal.aborted) break
    }
  }
  throw first
}

function readAddress(body: unknown, { issuer, read }: IssuerAddressOptions): string {
  const metadata = parseAuthorizationServerMetadata(body, issuer)
  const url = parseSecureUrl('address', metadata.ok ? read(metadata.value) : undefined)
  // A remote issuer must not lead us to a plain-text server on this machine.
  if (!url.ok || (issuer.startsWith('https:') && url.value.protocol !== 'https:')) {
    throw new LoadFailure('unacceptable')
  }
  return url.value.href
}
