import type { AccessToken } from '../access-token.ts'
import { anotherToken } from '../attach/another-token.ts'
import { attachableToken } from '../attach/attachable-token.ts'
import { constrainedTry, type ConstrainedTry } from '../attach/constrained-try.ts'
import { tokenHeader } from '../attach/presentable-token.ts'
import { answerHeaders, isAnswerRefusal } from '../attach/refused-answer.ts'
import { isReplayable } from '../attach/replayable-body.ts'
import { tell } from '../events.ts'
import type { AttachSettings } from './attach-options.ts'
import type {
  UndiciController,
  UndiciDispatch,
  UndiciDispatchOptions,
  UndiciHandler,
} from './undici-dispatch.ts'
import { headersWith } from './undici-headers.ts'

/** What an interceptor works with, for all its requests. */
export interface Means extends AttachSettings {
  readonly dispatch: UndiciDispatch
  /** The origin of a dispatcher that has but one. */
  readonly own?: URL
}

/** Headers that are added to a request. */
export type TokenHeaders = readonly (readonly [name: string, value: string])[]

/** How often a request may yet be sent again: with another token, and with another proof. */
export interface Tries {
  readonly renewals: number
  readonly proofs: number
}

/** What a request has at first. */
export const FRESH: Tries = { renewals: 1, proofs: 1 }

/** One sending of a request. */
export interface Attempt extends Tries {
  readonly token: AccessToken
  readonly headers: TokenHeaders
  /** What binds this sending, where the token is bound. */
  readonly proof: ConstrainedTry | undefined
}

/** What presents a token, its beside-headers included. */
export function headersOf(token: AccessToken): TokenHeaders {
  const beside = Object.entries(token.presentation?.headers ?? {})
  const others = beside.map(([name, value]) => [name.toLowerCase(), value] as const)
  return [tokenHeader(token), ...others]
}

/** Makes the headers of one sending, its proof among them. Rejects: as the token's constraint does. */
export async function proven(
  { own }: Means,
  planned: Tries & { readonly token: AccessToken },
  call: UndiciDispatchOptions,
): Promise<Attempt> {
  const { token } = planned
  const { origin } = new URL(String(call.origin ?? own?.origin))
  const request = { method: call.method, url: new URL(origin + call.path), signal: signalOf(call) }
  const proof = await constrainedTry(token, request)
  return {
    ...planned,
    proof,
    headers: [...headersOf(token), ...Object.entries(proof?.headers ?? {})],
  }
}

/** Sends a request as planned; its answer passes on, or is followed by another try. */
export function send(
  means: Means,
  attempt: Attempt,
  call: UndiciDispatchOptions,
  handler: UndiciHandler,
): boolean {
  const { proof, renewals } = attempt
  try {
    const isLast = proof === undefined && renewals === 0
    const answer = isLast ? handler : new AttemptHandler(means, attempt, call, handler)
    return means.dispatch(withHeaders(call, attempt.headers), answer)
  } catch (error) {
    proof?.abandon()
    throw error
  }
}

function withHeaders(call: UndiciDispatchOptions, added: TokenHeaders): UndiciDispatchOptions {
  let { headers } = call
  for (const [name, value] of added) headers = headersWith(headers, name, value)
  return { ...call, headers }
}

/** The signal of a request, where it has one. */
export function signalOf(call: UndiciDispatchOptions): AbortSignal | undefined {
  const { signal } = call as { readonly signal?: unknown }
  return signal instanceof AbortSignal ? signal : undefined
}

/** Most bytes of a refused answer that are read to keep its connection. */
const MAX_DROPPED = 65_536

/** Passes an answer on, unless it is a refusal that another try may mend. */
class AttemptHandler implements UndiciHandler {
  readonly #means: Means
  readonly #attempt: Attempt
  readonly #call: UndiciDispatchOptions
  readonly #handler: UndiciHandler
  #next: Attempt | undefined
  #dropped = 0
  #isAnswered = false
  #over = false

  constructor(means: Means, attempt: Attempt, call: UndiciDispatchOptions, handler: UndiciHandler) {
    this.#means = means
    this.#attempt = attempt
    this.#call = call
    this.#handler = handler
  }

  onRequestStart(controller: unknown, context: unknown): void {
    this.#handler.onRequestStart?.(controller, context)
  }

  onRequestUpgrade(controller: unknown, status: number, headers: unknown, socket: unknown): void {
    this.#learn(status, headers)
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
    const goOn = (): void => this.#handler.onResponseStart?.(controller, status, headers, message)
    const isTaught = status >= 200 && this.#learn(status, headers)
    if (!isTaught && status !== 401) return goOn()
    const planned = this.#plan(isTaught, status, headers)
    if (planned === undefined) return goOn()

    controller.pause()
    planned
      .then((next) => {
        if (this.#over) {
          next?.proof?.abandon()
          return
        }
        this.#next = next
        if (next === undefined) goOn()
        controller.resume()
      })
      .catch((error: Error) => controller.abort(error))
  }

  onResponseData(controller: UndiciController, chunk: { readonly length: number }): void {
    if (this.#next === undefined) {
      this.#handler.onResponseData?.(controller, chunk)
      return
    }
    this.#dropped += chunk.length
    if (this.#dropped > MAX_DROPPED) this.#sendAgain(controller)
  }

  onResponseEnd(controller: UndiciController, trailers: unknown): void {
    if (this.#over) return
    if (this.#next === undefined) this.#handler.onResponseEnd?.(controller, trailers)
    else this.#sendAgain(undefined)
  }

  onResponseError(controller: UndiciController | null, error: Error): void {
    if (this.#over) return
    if (this.#next === undefined || controller?.aborted === true) {
      this.#over = true
      if (!this.#isAnswered) this.#attempt.proof?.abandon()
      this.#next?.proof?.abandon()
      this.#handler.onResponseError?.(controller, error)
      return
    }
    // The refused answer broke off: there was nothing more to learn from it.
    this.#sendAgain(undefined)
  }

  #learn(status: number, headers: unknown): boolean {
    this.#isAnswered = true
    const { proof } = this.#attempt
    return proof !== undefined && proof.learn(status, answerHeaders(headers))
  }

  /** The next sending, where this answer asks for one and there may be one. */
  #plan(
    isTaught: boolean,
    status: number,
    headers: unknown,
  ): Promise<Attempt | undefined> | undefined {
    const { token, renewals, proofs } = this.#attempt
    const canRepeat = isReplayable('', { body: this.#call.body as BodyInit | null })
    if (isTaught && proofs > 0 && canRepeat) {
      return proven(this.#means, { token, renewals, proofs: proofs - 1 }, this.#call)
    }
    if (renewals === 0 || !isAnswerRefusal(status, answerHeaders(headers), token.type)) {
      return undefined
    }
    const { origin } = new URL(String(this.#call.origin ?? this.#means.own?.origin))
    tell(this.#means.onEvent, { type: 'token.refused', origin })
    return canRepeat ? this.#renewed() : undefined
  }

  async #renewed(): Promise<Attempt | undefined> {
    const { token, renewals, proofs } = this.#attempt
    const signal = signalOf(this.#call)
    const request = { rejected: token, ...(signal !== undefined && { signal }) }
    const another = await anotherToken(this.#means.source, request, (one) =>
      attachableToken(one, this.#means),
    )
    if (another === undefined) return undefined
    return proven(this.#means, { token: another, renewals: renewals - 1, proofs }, this.#call)
  }

  /** Hands the call over to the next try; what still comes of this one is nobody's. */
  #sendAgain(unread: UndiciController | undefined): void {
    const next = this.#next
    if (next === undefined || this.#over) return
    this.#over = true
    send(this.#means, next, this.#call, this.#handler)
    unread?.abort(new Error('the rest of a refused answer is not read'))
  }
}
