import { assertKnownOptions, optionalFunction, optionalNumber } from '@countersign/protocol'
import type { AccessToken } from './access-token.ts'
import { allowedOrigins } from './attach/attach-target.ts'
import { attachingFetch } from './attach/attaching-fetch.ts'
import type { AuthorizedFetch, AuthorizedFetchOptions } from './attach/authorized-fetch.ts'
import { closable } from './closable.ts'
import {
  CLIENT_CREDENTIALS_OPTIONS,
  clientCredentialsSettings,
  withMethod,
  type ClientCredentialsOptions,
  type ClientCredentialsSettings,
} from './grants/client-credentials-options.ts'
import { clientCredentialsSource } from './grants/client-credentials.ts'
import type { ClientGrant } from './grants/grant.ts'
import { settingsFingerprint } from './grants/settings-fingerprint.ts'
import type { AskedToken } from './grants/token-variation.ts'
import { tokenRegistry } from './registry/token-registry.ts'
import { latched } from './retry/latched.ts'
import { retried } from './retry/retried.ts'
import { keepToken } from './reuse/keep-token.ts'
import type { TokenStatus } from './reuse/token-status.ts'
import type { TokenRequest, TokenSource } from './token-source.ts'

/** Everything {@link createClient} takes: who the client is, what it asks for, where it may call. */
export interface ClientOptions extends ClientCredentialsOptions, AuthorizedFetchOptions {
  /** Put around the source that asks the server: tracing, a budget, or a source of your own. */
  readonly wrap?: (source: TokenSource) => TokenSource
  /** Shares tokens with other processes: what `sharedTokens(…)` gives. */
  readonly share?: TokenSharing
  /**
   * Most tokens kept for calls that ask for something else than usual, say one per tenant. The least
   * recently used goes first. Default 10 000.
   */
  readonly maxTokens?: number
}

/** {@link ClientOptions} with another grant, whose assertion may stand for the client as well. */
export interface GrantClientOptions extends Omit<ClientOptions, 'clientId'> {
  /** How tokens are asked for, such as `jwtBearerGrant(…)`, in place of the client's credentials. */
  readonly grant: ClientGrant
  /** Needed where the client authenticates; sent alone where it does not. */
  readonly clientId?: string
}

/** Puts sharing around the source of one token; `asked` and `settings` say which one it is. */
export type TokenSharing = (
  source: TokenSource,
  about: { readonly asked: AskedToken; readonly settings: ClientCredentialsSettings },
) => TokenSource

/** A client of one authorization server. */
export interface Client extends AsyncDisposable {
  /**
   * A usable token: the held one, or the one that all callers of this moment ask for together.
   * `request` may vary what is asked for; each thing asked for has a token of its own.
   */
  readonly getToken: (request?: TokenRequest) => Promise<AccessToken>
  /** The token that is held, if one is and it is not due for renewal: at once, without a promise. */
  readonly peek: () => AccessToken | undefined
  /** `fetch` with the token attached; see {@link authorizedFetch}. */
  readonly fetch: AuthorizedFetch
  /** The source behind both, for wrapping and for adapters. */
  readonly source: TokenSource
  /** How it stands with the usual token, for a health page. Counts cover all tokens. */
  readonly status: () => TokenStatus
  /** Ends requests under way; later calls reject with `ERR_CLOSED`. */
  readonly close: () => Promise<void>
}

const CLIENT_OPTIONS = [
  ...CLIENT_CREDENTIALS_OPTIONS,
  'grant',
  'origins',
  'wrap',
  'share',
  'maxTokens',
]

/**
 * The arrangement most people want: client credentials, kept and renewed, attached to calls.
 *
 * From the inside out: asking, what `wrap` puts around it, a latch for what is refused for good,
 * retries for what may pass, sharing with other processes, keeping, attaching. Nothing is sent before
 * the first call, and nothing runs between calls. The functions may be taken off the object.
 *
 * With `grant` it asks by another grant, such as `jwtBearerGrant(…)`; all else is the same.
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
export function createClient(options: ClientOptions | GrantClientOptions): Client {
  assertKnownOptions('createClient', options, CLIENT_OPTIONS)
  const { grant, ...given } = options as GrantClientOptions & Pick<ClientOptions, 'clientId'>
  const { origins, wrap, share, maxTokens, ...credentials } = given
  const other = withMethod('createClient', 'grant', grant, 'complete')
  const complete = other?.complete(credentials) ?? credentials
  const settings = { ...clientCredentialsSettings('createClient', complete), grant: other }
  const { fetch, onEvent, now } = settings
  const allowed = allowedOrigins('createClient', origins)
  const around = optionalFunction('createClient', 'wrap', wrap, (source) => source)
  const sharing = optionalFunction<TokenSharing>('createClient', 'share', share, (source) => source)
  const limit = optionalNumber('createClient', 'maxTokens', maxTokens, {
    fallback: 10_000,
    min: 1,
    max: 10_000_000,
  })
  const listener = onEvent === undefined ? {} : { onEvent }
  const fingerprint = (): Promise<string> => settingsFingerprint(settings)
  const asking = around(clientCredentialsSource(settings))
  const { source, peek, status, close } = closable((endable) =>
    tokenRegistry(asking, {
      base: settings.asked,
      limit,
      keep(one, asked) {
        const patient = retried(latched(one, { fingerprint, now }))
        return keepToken(endable(sharing(patient, { asked, settings })), { now, ...listener })
      },
    }),
  )
  return {
    getToken: source,
    peek,
    fetch: attachingFetch(source, { origins: allowed, fetch, now, onEvent }),
    source,
    status,
    close,
    [Symbol.asyncDispose]: close,
  }
}
