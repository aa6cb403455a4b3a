import { ArgumentError } from '@countersign/protocol'
import type { AccessToken } from '../access-token.ts'
import { anotherToken } from '../attach/another-token.ts'
import { assertAttachTarget } from '../attach/attach-target.ts'
import { attachableToken } from '../attach/attachable-token.ts'
import { constrainedTry, type ConstrainedTry } from '../attach/constrained-try.ts'
import { tokenHeader } from '../attach/presentable-token.ts'
import { answerHeaders, isAnswerRefusal } from '../attach/refused-answer.ts'
import { isReplayable } from '../attach/replayable-body.ts'
import { AttachError, isTokenError } from '../errors/token-error.ts'
import { tell } from '../events.ts'
import type { TokenSource } from '../token-source.ts'
import { attachSettings, type AttachOptions } from './attach-options.ts'

/** The part of an axios instance that is used. What its functions take is axios's own affair. */
export interface AxiosLike {
  readonly defaults: { baseURL?: string | undefined }
  getUri(call?: never): string
  request(call: never): Promise<unknown>
  readonly interceptors: {
    readonly request: AxiosInterceptors
    readonly response: AxiosInterceptors
  }
}

/** The part of axios's interceptor lists that is used. */
export interface AxiosInterceptors {
  use(...interceptors: never[]): number
  eject(id: number): void
}

/**
 * Puts a token on every call of an axios instance, until the returned function is called.
 *
 * A call answered with 401 because of its token is made once more with another token, if its body
 * can be sent again and the source has another one. That second call passes through the instance's
 * other interceptors again. A redirect to another origin is an error where axios says so (Node's
 * http adapter); elsewhere the platform drops the `Authorization` header on the way. Where a
 * preset has another header, and with tokens bound by DPoP, no redirect is followed.
 *
 * A token bound by DPoP goes with a proof of its own for each call, and a call whose proof lacked a
 * nonce is made once more with it. A token bound to a certificate goes where `certificateThumbprint`
 * says that the instance's `httpsAgent` presents that certificate, and nowhere else.
 *
 * Answers and errors come back without the token: its header is gone from `config.headers`, and
 * `request`, which holds what was sent, is hidden from logs. Interceptors added before see more.
 *
 * `origins`, default: the origin of `baseURL`; without one, any the caller names.
 *
 * Throws: `ArgumentError`. Calls reject as the source does, or with `ERR_INSECURE_URL`,
 * `ERR_ORIGIN_NOT_ALLOWED`, `ERR_NO_TOKEN`, `ERR_PROOF`, `ERR_CROSS_ORIGIN_REDIRECT`, and with
 * `ArgumentError` where they bring the token's header themselves. Source: RFC 9449 section 7.
 *
 * @example
 * const api = axios.create({ baseURL: 'https://api.example.com' })
 * attachTokens(api, auth.source)
 * const { data } = await api.get('/invoices')
 */
export function attachTokens(
  instance: AxiosLike,
  source: TokenSource,
  options: AttachOptions = {},
): () => void {
  const settings = attachSettings('attachTokens', source, options)
  if (
    typeof (instance as Partial<AxiosLike> | undefined)?.interceptors?.request?.use !== 'function'
  ) {
    const message = "attachTokens: 'instance' must be an axios instance"
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'instance', message)
  }

  async function attach(call: MarkedCall): Promise<MarkedCall> {
    const url = URL.parse(instance.getUri(call as never))
    if (url === null) {
      const message = 'attachTokens: the URL of a call must be absolute'
      throw new ArgumentError('ERR_ARGUMENT_VALUE', 'url', message)
    }
    const { origin } = url
    assertAttachTarget(url, settings.origins ?? originOf(instance.defaults.baseURL))
    const signal = signalOf(call)
    const planned = call[MARK]?.next
    const token =
      planned?.token ??
      (await attachableToken(await source(signal === undefined ? undefined : { signal }), settings))
    const method = (call.method ?? 'get').toUpperCase()
    const proof = await constrainedTry(token, { method, url, signal })
    const [name, value] = tokenHeader(token)
    const added = { [name]: value, ...proof?.headers }
    for (const own of Object.keys(added)) {
      if (!call.headers.has(own)) continue
      proof?.abandon()
      const message = `attachTokens: the call brings a '${own}' header of its own; remove it`
      throw new ArgumentError('ERR_ARGUMENT_VALUE', `headers.${own}`, message)
    }
    for (const [other, text] of Object.entries({ ...token.presentation?.headers, ...added })) {
      call.headers.set(other, text)
    }
    const { renewals, proofs } = planned ?? FRESH
    call[MARK] = { token, origin, headers: Object.keys(added), proof, renewals, proofs }
    // Platforms know only `authorization` to be a secret, and take any other header along; and a
    // proof is for one address.
    if (Object.keys(added).some((one) => one !== 'authorization')) call.maxRedirects = 0
    const { beforeRedirect } = call
    call.beforeRedirect = (target, ...rest) => {
      refuseOtherOrigin(origin, target)
      beforeRedirect?.(target, ...rest)
    }
    return call
  }

  /** The call once more, where its answer says what was amiss and it can be made again. */
  async function secondCall(answer: AxiosAnswer, mark: Mark): Promise<MarkedCall | undefined> {
    const { token, origin, proof, renewals, proofs } = mark
    const { config, status } = answer
    if (proof === undefined && status !== 401) return undefined
    const headers = answerHeaders(answer.headers)
    const isTaught = proof?.learn(status, headers) ?? false
    const canRepeat = isReplayable('', { body: config.data as BodyInit | null })
    const again = (next: Planned): MarkedCall => {
      discard(answer.data)
      return { ...config, [MARK]: { ...mark, next } }
    }
    if (isTaught && proofs > 0 && canRepeat) return again({ token, renewals, proofs: proofs - 1 })
    if (renewals === 0 || !isAnswerRefusal(status, headers, token.type)) return undefined
    tell(settings.onEvent, { type: 'token.refused', origin })
    if (!canRepeat) return undefined
    const signal = signalOf(config)
    const another = await anotherToken(
      source,
      { rejected: token, ...(signal && { signal }) },
      (one) => attachableToken(one, settings),
    )
    return another && again({ token: another, renewals: renewals - 1, proofs })
  }

  const { request, response } = instance.interceptors
  const requestId = use(request, attach)
  const responseId = use(
    response,
    async (answer: AxiosAnswer) => {
      const mark = withoutToken(answer)
      const again = mark && (await secondCall(answer, mark))
      return again === undefined ? answer : instance.request(again as never)
    },
    async (error: unknown) => {
      const mark = withoutToken(error)
      const { response: answer } = (error ?? {}) as { readonly response?: AxiosAnswer }
      withoutToken(answer)
      if (answer === undefined) mark?.proof?.abandon()
      const again = mark && answer && (await secondCall(answer, mark))
      if (again === undefined) throw ownError(error) ?? error
      return instance.request(again as never)
    },
  )
  return () => {
    request.eject(requestId)
    response.eject(responseId)
  }
}

/** The part of an axios request that is read and changed. */
interface AxiosCall {
  headers: {
    has(name: string): boolean
    set(name: string, value: string): unknown
    delete(name: string): boolean
  }
  method?: string
  data?: unknown
  signal?: unknown
  maxRedirects?: number
  beforeRedirect?: (target: Readonly<Record<string, unknown>>, ...rest: unknown[]) => void
}

/** The part of an axios answer that is looked at. */
interface AxiosAnswer {
  readonly status: number
  readonly headers: unknown
  readonly data: unknown
  readonly config: AxiosCall
}

function use(interceptors: AxiosInterceptors, ...functions: readonly unknown[]): number {
  return interceptors.use(...(functions as never[]))
}

/** Where a call keeps what was attached to it: axios carries members it does not know along. */
const MARK = 'countersign'

/** A sending, and how often there may be another: with another token, and with another proof. */
interface Planned {
  readonly token: AccessToken
  readonly renewals: number
  readonly proofs: number
}

const FRESH = { renewals: 1, proofs: 1 }

interface Mark extends Planned {
  readonly origin: string
  /** The names of the headers that were added, and are taken off again. */
  readonly headers: readonly string[]
  readonly proof: ConstrainedTry | undefined
  readonly next?: Planned
}

type MarkedCall = AxiosCall & { [MARK]?: Mark }

/** Takes the token out of what people log; gives what was attached, if it was us who did. */
function withoutToken(result: unknown): Mark | undefined {
  if (typeof result !== 'object' || result === null) return undefined
  const { config, request } = result as { config?: MarkedCall; request?: unknown }
  const mark = config?.[MARK]
  if (config === undefined || mark === undefined) return undefined
  for (const name of mark.headers) config.headers.delete(name)
  if (request !== undefined) {
    const hidden = { value: request, enumerable: false, writable: true, configurable: true }
    Object.defineProperty(result, 'request', hidden)
  }
  return mark
}

function originOf(baseURL: string | undefined): ReadonlySet<string> | undefined {
  const url = URL.parse(baseURL ?? '')
  return url === null ? undefined : new Set([url.origin])
}

function signalOf({ signal }: AxiosCall): AbortSignal | undefined {
  return signal instanceof AbortSignal ? signal : undefined
}

function refuseOtherOrigin(origin: string, { href }: Readonly<Record<string, unknown>>): void {
  const target = URL.parse(String(href))
  if (target?.origin === origin) return
  const where = target === null ? 'nowhere' : target.origin
  const message = `${origin} redirected to ${where}, where the token does not belong`
  const hint = 'Call the final address itself, or set maxRedirects to 0'
  throw new AttachError('ERR_CROSS_ORIGIN_REDIRECT', message, { phase: 'attach', hint })
}

/** The error of ours that axios and its redirects have wrapped, if any. */
function ownError(error: unknown): unknown {
  let inner = error
  for (let depth = 0; depth < 5 && typeof inner === 'object' && inner !== null; depth++) {
    if (isTokenError(inner)) return inner
    inner = (inner as { readonly cause?: unknown }).cause
  }
  return undefined
}

/** What is not read must not hold its connection. */
function discard(data: unknown): void {
  const stream = data as
    | { destroy?: () => unknown; cancel?: () => Promise<void> }
    | null
    | undefined
  if (typeof stream?.destroy === 'function') stream.destroy()
  else if (typeof stream?.cancel === 'function') stream.cancel().catch(() => {})
}
