import { ArgumentError } from '@countersign/protocol'
import { hasEnded, type AccessToken } from '../access-token.ts'
import { assertAttachTarget } from '../attach/attach-target.ts'
import { attachableToken } from '../attach/attachable-token.ts'
import { waitFor } from '../reuse/wait-for.ts'
import type { TokenSource } from '../token-source.ts'
import { attachSettings, type AttachOptions, type AttachSettings } from './attach-options.ts'
import {
  FRESH,
  headersOf,
  proven,
  send,
  signalOf,
  type Means,
  type TokenHeaders,
} from './undici-attempt.ts'
import type { UndiciDispatch, UndiciDispatchOptions, UndiciHandler } from './undici-dispatch.ts'

/** What `compose` of an undici dispatcher takes. */
export type UndiciInterceptor = <
  Options extends UndiciDispatchOptions,
  Handler extends UndiciHandler,
>(
  dispatch: (options: Options, handler: Handler) => boolean,
  dispatcherOrigin?: string | null,
) => (options: Options, handler: Handler) => boolean

/**
 * An undici interceptor: every request of the composed dispatcher carries a token, or is not sent.
 *
 * A request answered with 401 because of its token is sent once more with another token, if its
 * body can be sent again and the source has another one. Nothing is buffered: the refused answer is
 * held back at its headers meanwhile.
 *
 * A token bound by DPoP goes with a proof of its own for each request, and a request whose proof
 * lacked a nonce is sent once more with it. A token bound to a certificate goes where
 * `certificateThumbprint` says that the dispatcher presents that certificate, and nowhere else.
 *
 * `origins` may be left out for a dispatcher of one origin (`Client`, `Pool`): it is that origin.
 * Compose it first, before `redirect` and `retry`, so that each hop and each try passes through it;
 * a redirect that leaves the origins is then an error. Needs undici 7 or later; before 8, `origins`
 * is needed always.
 *
 * Throws when made or composed: `ArgumentError`. A request fails as the source does, or with
 * `ERR_INSECURE_URL`, `ERR_ORIGIN_NOT_ALLOWED`, `ERR_NO_TOKEN`, `ERR_PROOF`, and with
 * `ArgumentError` where it brings the token's header itself. Source: RFC 9449 section 7.
 *
 * @example
 * const api = new Pool('https://api.example.com').compose(tokenInterceptor(auth.source))
 * const { statusCode, body } = await api.request({ method: 'GET', path: '/invoices' })
 */
export function tokenInterceptor(
  source: TokenSource,
  options: AttachOptions = {},
): UndiciInterceptor {
  const settings = attachSettings('tokenInterceptor', source, options)
  return (dispatch, dispatcherOrigin) =>
    // What goes on is what came in, one header more: of the caller's own types.
    attaching(settings, dispatch as unknown as UndiciDispatch, dispatcherOrigin)
}

function attaching(
  settings: AttachSettings,
  dispatch: UndiciDispatch,
  dispatcherOrigin: string | null | undefined,
): UndiciDispatch {
  const { source, now } = settings
  const own = typeof dispatcherOrigin === 'string' ? new URL(dispatcherOrigin) : undefined
  const origins = settings.origins ?? (own && new Set([own.origin]))
  if (origins === undefined) {
    const message =
      "tokenInterceptor: 'origins' is required for a dispatcher that may call any origin"
    throw new ArgumentError('ERR_ARGUMENT_MISSING', 'origins', message)
  }
  const means: Means = { ...settings, dispatch, ...(own !== undefined && { own }) }
  let known: string | undefined
  let held: Held | undefined

  function assertTarget({ origin, path }: UndiciDispatchOptions): void {
    if (!path.startsWith('/')) {
      // The absolute form is an order to a proxy: the token would go wherever it says.
      const message = "tokenInterceptor: 'path' must start with a slash"
      throw new ArgumentError('ERR_ARGUMENT_VALUE', 'path', message)
    }
    // A URL object can be changed between two calls: only a text can be known already.
    if (origin !== undefined && origin === known) return
    // A client of one origin connects to that one, whatever the call says.
    if (own !== undefined) assertAttachTarget(own, origins)
    const url = URL.parse(String(origin ?? own?.origin ?? ''))
    if (url === null) {
      const message = 'tokenInterceptor: the origin of a call must be absolute'
      throw new ArgumentError('ERR_ARGUMENT_VALUE', 'origin', message)
    }
    assertAttachTarget(url, origins)
    if (typeof origin === 'string') known = origin
  }

  async function begin(
    promise: Promise<AccessToken>,
    call: UndiciDispatchOptions,
    handler: UndiciHandler,
  ): Promise<void> {
    const token = await attachableToken(await waitFor(promise, signalOf(call)), settings)
    if (token.senderConstraint === undefined) held = { promise, token, headers: headersOf(token) }
    send(means, await proven(means, { token, ...FRESH }, call), call, handler)
  }

  // undici insists on a function of two parameters.
  return (call, handler) => {
    try {
      assertTarget(call)
      const promise = source()
      // A source that keeps tokens hands out the same promise again: then nobody needs to wait.
      if (promise === held?.promise && !hasEnded(held.token, now())) {
        const { token, headers } = held
        return send(means, { token, headers, proof: undefined, ...FRESH }, call, handler)
      }
      begin(promise, call, handler).catch((error: Error) => handler.onResponseError?.(null, error))
    } catch (error) {
      handler.onResponseError?.(null, error as Error)
    }
    return true
  }
}

/** A token that goes as it is, and its headers: made once for each token. */
interface Held {
  readonly promise: Promise<AccessToken>
  readonly token: AccessToken
  readonly headers: TokenHeaders
}
