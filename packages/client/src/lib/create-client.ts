import { assertKnownOptions } from '@countersign/protocol'
import type { AccessToken } from './access-token.ts'
import {
  AUTHORIZED_FETCH_OPTIONS,
  authorizedFetch,
  type AuthorizedFetch,
  type AuthorizedFetchOptions,
} from './attach/authorized-fetch.ts'
import { closable } from './closable.ts'
import {
  CLIENT_CREDENTIALS_OPTIONS,
  clientCredentialsSettings,
  type ClientCredentialsOptions,
} from './grants/client-credentials-options.ts'
import { clientCredentialsSource } from './grants/client-credentials.ts'
import { reuse } from './reuse/reuse.ts'
import type { TokenRequest, TokenSource } from './token-source.ts'

/** Everything {@link createClient} takes: who the client is, what it asks for, where it may call. */
export interface ClientOptions extends ClientCredentialsOptions, AuthorizedFetchOptions {}

/** A client of one authorization server, for one set of scopes. */
export interface Client extends AsyncDisposable {
  /** A usable token: the held one, or the one that all callers of this moment ask for together. */
  readonly getToken: (request?: TokenRequest) => Promise<AccessToken>
  /** `fetch` with the token attached; see {@link authorizedFetch}. */
  readonly fetch: AuthorizedFetch
  /** The source behind both, for wrapping and for adapters. */
  readonly source: TokenSource
  /** Ends requests under way; later calls reject with `ERR_CLOSED`. */
  readonly close: () => Promise<void>
}

const CLIENT_OPTIONS = [...new Set([...CLIENT_CREDENTIALS_OPTIONS, ...AUTHORIZED_FETCH_OPTIONS])]

/**
 * The arrangement most people want: client credentials, kept and renewed, attached to calls.
 *
 * Nothing is sent before the first call, and nothing runs between calls. The functions may be taken
 * off the object. Make one client and keep it: each holds its own token.
 *
 * Throws: `ArgumentError`, before any I/O.
 *
 * @example
 * const auth = createClient({
 *   issuer: 'https://auth.example.com',
 *   clientId: 'billing',
 *   clientSecret: fromEnv('CLIENT_SECRET'),
 *   scope: ['invoices:read'],
 * })
 * const response = await auth.fetch('https://api.example.com/invoices')
 */
export function createClient(options: ClientOptions): Client {
  assertKnownOptions('createClient', options, CLIENT_OPTIONS)
  const { origins, ...credentials }: ClientOptions = options
  const settings = clientCredentialsSettings('createClient', credentials)
  const { fetch, onEvent, now } = settings
  const listener = onEvent === undefined ? {} : { onEvent }
  const { source, close } = closable(clientCredentialsSource(settings), (asking) =>
    reuse(asking, { now, ...listener }),
  )
  return {
    getToken: source,
    fetch: authorizedFetch(source, {
      fetch,
      now,
      ...(origins !== undefined && { origins }),
      ...listener,
    }),
    source,
    close,
    [Symbol.asyncDispose]: close,
  }
}
