import { ArgumentError } from '@countersign/protocol'
import type { AccessToken } from '../access-token.ts'
import { anotherToken } from '../attach/another-token.ts'
import { assertAttachTarget } from '../attach/attach-target.ts'
import { attachableToken } from '../attach/attachable-token.ts'
import { hasEnded, tokenHeader } from '../attach/presentable-token.ts'
import { isAnswerRefusal } from '../attach/refused-answer.ts'
import { isReplayable } from '../attach/replayable-body.ts'
import { tell } from '../events.ts'
import { waitFor } from '../reuse/wait-for.ts'
import type { TokenSource } from '../token-source.ts'
import { attachSettings, type AttachOptions, type AttachSettings } from './attach-options.ts'
import { headersWith, type UndiciHeaders } from './undici-headers.ts'

/** The part of undici's dispatch options that is looked at. */
export interface UndiciDispatchOptions {
  readonly origin?: string | URL
  readonly path: string
  readonly method: string
  readonly headers?: UndiciHeaders
  readonly body?: unknown
}

/** The part of undici's dispatch controller that is used. */
export interface UndiciController {
  readonly aborted: boolean
  abort(reason: Error): void
  pause(): void
  resume(): void
}

/** The part of undici's dispatch handler that calls pass through. */
export interface UndiciHandler {
  onRequestStart?(controller: unknown, context: unknown): void
  onRequestUpgrade?(controller: unknown, status: number, headers: unknown, socket: unknown): void
  onResponseStart?(controller: unknown, status: number, headers: unknown, message?: string): void
  onResponseData?(controller: unknown, chunk: unknown): void
  onResponseEnd?(controller: unknown, trailers: unknown): void
  onResponseError?(controller: unknown, error: Error): void
  onResponseStarted?(): void
  onBodySent?(chunk: unknown): void
  onRequestSent?(): void
}

type UndiciDispatch = (options: UndiciDispatchOptions, handler: UndiciHandler) => boolean

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
 * `origins` may be left out for a dispatcher of one origin (`Client`, `Pool`): it is that origin.
 * Compose it first, before `redirect` and `retry`, so that each hop and each try passes through it;
 * a redirect that leaves the origins is then an error. Needs undici 7 or later; before 8, `origins`
 * is needed always.
 *
 * Throws when made or composed: `ArgumentError`. A request fails as the source does, or with
 * `ERR_INSECURE_URL`, `ERR_ORIGIN_NOT_ALLOWED`, `ERR_NO_TOKEN`, and with `ArgumentError` where it
 * brings the token's header itself.
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
  let known: string | undefined
  let held: (Attachment & { readonly promise: Promise<AccessToken> }) | undefined

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

  function send(
    attachment: Attachment,
    call: UndiciDispatchOptions,
    handler: UndiciHandler,
  ): boolean {
    return dispatch(withToken(call, attachment), new RefusalHandler(attachment, call, handler))
  }

  // undici insists on a function of two parameters.
  return (call, handler) => {
    try {
      assertTarget(call)
      const promise = source()
      // A source that keeps tokens hands out the same promise again: then nobody needs to wait.
      if (promise === held?.promise && !hasEnded(held.token, now())) {
        return send(held, call, handler)
      }
      waitFor(promise, signalOf(call))
        .then((given) => {
          const token = attachableToken(given, now)
          held = { settings, dispatch, promise, token, headers: headersOf(token) }
          send(held, call, handler)
        })
        .catch((error: Error) => handler.onResponseError?.(null, error))
    } catch (error) {
      handler.onResponseError?.(null, error as Error)
    }
    return true
  }
}

/** A token, and all that is needed to attach it: made once for each token. */
interface Attachment {
  readonly settings: AttachSettings
  readonly dispatch: UndiciDispatch
  readonly token: AccessToken
  readonly headers: TokenHeaders
}

type TokenHeaders = readonly (readonly [name: string, value: string])[]

function headersOf(token: AccessToken): TokenHeaders {
  const beside = Object.entries(token.presentation?.headers ?? {})
  const others = beside.map(([name, value]) => [name.toLowerCase(), value] as const)
  return [tokenHeader(token), ...others]
}

function withToken(
  call: UndiciDispatchOptions,
  { headers: added }: { readonly headers: TokenHeaders },
): UndiciDispatchOptions {
  let { headers } = call
  for (const [name, value] of added) headers = headersWith(headers, name, value)
  return { ...call, headers }
}

function signalOf(call: UndiciDispatchOptions): AbortSignal | undefined {
  const { signal } = call as { readonly signal?: unknown }
  return signal instanceof AbortSignal ? signal : undefined
}

/** Most bytes of a refused answer that are read to keep its connection. */
const MAX_DROPPED = 65_536

/** Passes an answer on, unless it is a refusal of the token that a second try may mend. */
class RefusalHandler implements UndiciHandler {
  readonly #attachment: Attachment
  readonly #call: UndiciDispatchOptions
  readonly #handler: UndiciHandler
  #another: AccessToken | undefined
  #dropped = 0
  #over = false

  constructor(attachment: Attachment, call: UndiciDispatchOptions, handler: UndiciHandler) {
    this.#attachment = attachment
    this.#call = call
    this.#handler = handler
  }

  onRequestStart(controller: unknown, context: unknown): void {
    this.#handler.onRequestStart?.(controller, context)
  }

  onRequestUpgrade(controller: unknown, status: number, headers: unknown, socket: unknown): void {
    this.#handler.onRequestUpgrade?.(controller, status, headers, socket)
  }

  onResponseStarted(): void {
    this.#handler.onResponseStarted?.()
  }

  onBodySent(chunk: unknown): void {
    this.#handler.onBodySent?.(chunk)
  }

  onRequestSent(): void {
    this.#handler.onRequestSent?.()
  }

  onResponseStart(
    controller: UndiciController,
    status: number,
    headers: Readonly<Record<string, unknown>>,
    message?: string,
  ): void {
    if (status !== 401) {
      this.#handler.onResponseStart?.(controller, status, headers, message)
      return
    }
    const goOn = (): void => this.#handler.onResponseStart?.(controller, status, headers, message)
    if (!isAnswerRefusal(status, headers['www-authenticate'])) return goOn()
    const { settings, token } = this.#attachment
    const call = this.#call
    tell(settings.onEvent, { type: 'token.refused', origin: new URL(String(call.origin)).origin })
    if (!isReplayable('', { body: call.body as BodyInit | null })) return goOn()

    controller.pause()
    const signal = signalOf(call)
    const request = { rejected: token, ...(signal !== undefined && { signal }) }
    anotherToken(settings.source, request, (one) => attachableToken(one, settings.now))
      .then((another) => {
        if (this.#over) return
        this.#another = another
        if (another === undefined) goOn()
        controller.resume()
      })
      .catch((error: Error) => controller.abort(error))
  }

  onResponseData(controller: UndiciController, chunk: { readonly length: number }): void {
    if (this.#another === undefined) {
      this.#handler.onResponseData?.(controller, chunk)
      return
    }
    this.#dropped += chunk.length
    if (this.#dropped > MAX_DROPPED) this.#sendAgain(controller)
  }

  onResponseEnd(controller: UndiciController, trailers: unknown): void {
    if (this.#over) return
    if (this.#another === undefined) this.#handler.onResponseEnd?.(controller, trailers)
    else this.#sendAgain(undefined)
  }

  onResponseError(controller: UndiciController | null, error: Error): void {
    if (this.#over) return
    if (this.#another === undefined || controller?.aborted === true) {
      this.#over = true
      this.#handler.onResponseError?.(controller, error)
      return
    }
    // The refused answer broke off: there was nothing more to learn from it.
    this.#sendAgain(undefined)
  }

  /** Hands the call over to a second try; what still comes of the first is nobody's. */
  #sendAgain(unread: UndiciController | undefined): void {
    const another = this.#another
    if (another === undefined || this.#over) return
    this.#over = true
    const call = withToken(this.#call, { headers: headersOf(another) })
    this.#attachment.dispatch(call, this.#handler)
    unread?.abort(new Error('the rest of a refused answer is not read'))
  }
}
