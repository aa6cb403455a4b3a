import {
  metadataUrls,
  parseAuthorizationServerMetadata,
  parseSecureUrl,
  type Issuer,
} from '@countersign/protocol'
import {
  fetchJson,
  LoadFailure,
  remoteDocument,
  type DocumentEvent,
  type RemoteDocument,
} from '@countersign/verify'

/** Where the issuer takes questions, by its metadata; held and kept fresh. */
export function introspectionAddress(options: {
  readonly issuer: Issuer
  readonly fetch: typeof globalThis.fetch
  readonly now: () => number
  readonly timeout: number
  readonly staleFor: number
  readonly emit: (event: DocumentEvent) => void
}): RemoteDocument<string> {
  const { issuer, fetch } = options
  return remoteDocument<string>({
    ...options,
    name: 'metadata',
    async load({ signal, force }) {
      let first: unknown
      for (const url of metadataUrls(issuer)) {
        try {
          const accept = 'application/json'
          const { body, maxAge } = await fetchJson(url, { fetch, accept, signal, force })
          return { value: readAddress(body, issuer), etag: undefined, maxAge }
        } catch (error) {
          first ??= error
          if (signal.aborted) break
        }
      }
      throw first
    },
  })
}

function readAddress(body: unknown, issuer: Issuer): string {
  const metadata = parseAuthorizationServerMetadata(body, issuer)
  const endpoint = metadata.ok ? metadata.value.all['introspection_endpoint'] : undefined
  const url = parseSecureUrl('introspection_endpoint', endpoint)
  // Credentials go there: a remote issuer must not lead us to a plain-text server on this machine.
  if (!url.ok || (issuer.startsWith('https:') && url.value.protocol !== 'https:')) {
    throw new LoadFailure('unacceptable')
  }
  return url.value.href
}
