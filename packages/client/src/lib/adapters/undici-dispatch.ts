import type { UndiciHeaders } from './undici-headers.ts'

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

/** How a request is sent on, as interceptors of undici have it. */
export type UndiciDispatch = (options: UndiciDispatchOptions, handler: UndiciHandler) => boolean
