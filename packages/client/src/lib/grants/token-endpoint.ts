import type { AuthorizationServerMetadata, Issuer } from '@countersign/protocol'
import type { ClientAuthentication } from '../client-authentication/client-authentication.ts'
import {
  CLIENT_SECRET_METHODS,
  type ClientSecretMethod,
} from '../client-authentication/client-secret.ts'
import { discover } from '../discovery/discover.ts'
import { CredentialError, PeerError } from '../errors/token-error.ts'
import { isRequestBound } from '../request-bound.ts'
import { waitFor } from '../reuse/wait-for.ts'
import type { ClientCredentialsSettings } from './client-credentials-options.ts'
import { tokenAuthentication } from './token-authentication.ts'

/** Where to ask for tokens, and how to prove who asks. */
export interface TokenEndpoint {
  readonly url: URL
  readonly authentication: ClientAuthentication
}

/** Metadata older than this is fetched again at the next token request, in milliseconds. */
const METADATA_LIFE = 3_600_000
/** While it cannot be had, not every token request waits to learn so; in milliseconds. */
const METADATA_PAUSE = 60_000

/**
 * Finds the token endpoint and remembers it for an hour; while metadata cannot be had, the endpoint
 * known from before goes on to serve. Methods proven by the connection use the mutual-TLS alias
 * where there is one. Source: RFC 8414; RFC 8705 section 5.
 */
export function tokenEndpointFinder(
  settings: ClientCredentialsSettings,
): (signal: AbortSignal | undefined) => Promise<TokenEndpoint> {
  const { issuer, tokenEndpoint, fetch, timeout, now } = settings
  if (tokenEndpoint !== undefined) {
    const authentication = tokenAuthentication(settings)
    const fixed = Promise.resolve({ url: tokenEndpoint, authentication })
    return () => fixed
  }
  if (issuer === undefined) throw new TypeError('settings without issuer and tokenEndpoint')
  let known: { readonly endpoint: TokenEndpoint; readonly staleAt: number } | undefined
  let search: Promise<TokenEndpoint> | undefined

  async function find(signal: AbortSignal | undefined): Promise<TokenEndpoint> {
    try {
      const metadata = await discover(issuer as Issuer, { fetch, timeout, signal, now })
      const endpoint = {
        url: urlOf(metadata, settings),
        authentication: tokenAuthentication(settings, () =>
          methodFrom(metadata.tokenEndpointAuthMethods),
        ),
      }
      known = { endpoint, staleAt: now() + METADATA_LIFE }
      return endpoint
    } catch (error) {
      // An endpoint known from before is better than none while the metadata cannot be had.
      if (known === undefined || signal?.aborted === true) throw error
      known = { ...known, staleAt: now() + METADATA_PAUSE }
      return known.endpoint
    } finally {
      search = undefined
    }
  }

  return async (signal) => {
    if (known !== undefined && now() < known.staleAt) return known.endpoint
    // Tokens that are asked for at the same time, one per tenant say, need the metadata once.
    if (isRequestBound()) return find(signal)
    if (search === undefined) {
      search = find(undefined)
      // Whoever waits sees a failure; nobody may.
      search.catch(() => {})
    }
    return waitFor(search, signal)
  }
}

function urlOf(metadata: AuthorizationServerMetadata, settings: ClientCredentialsSettings): URL {
  const { clientAuthentication, senderConstraint } = settings
  const mutualTls = clientAuthentication?.fetch ?? senderConstraint?.fetch
  const alias = mutualTls === undefined ? undefined : metadata.mtlsTokenEndpoint
  const endpoint = alias ?? metadata.tokenEndpoint
  if (endpoint !== undefined) return new URL(endpoint)
  const message = `the metadata of ${metadata.issuer} names no token_endpoint`
  throw new PeerError('ERR_METADATA_INVALID', message, {
    phase: 'discovery',
    hint: 'Give tokenEndpoint by hand',
  })
}

function methodFrom(offered: readonly string[]): ClientSecretMethod {
  const method = CLIENT_SECRET_METHODS.find((one) => offered.includes(one))
  if (method !== undefined) return method
  // A server that lists no way to authenticate has not been told about its confidential clients.
  if (offered.every((one) => one === 'none')) return 'client_secret_basic'
  throw new CredentialError(
    'ERR_AUTH_METHOD',
    `the server takes no client secret, only ${offered.join(', ').slice(0, 200)}`,
    { phase: 'credential', hint: 'Set authMethod if its metadata is wrong' },
  )
}
