/**
 * Tokens on every request of an undici dispatcher.
 *
 * @module
 */
export { tokenInterceptor, type UndiciInterceptor } from './lib/adapters/token-interceptor.ts'
export type {
  UndiciController,
  UndiciDispatchOptions,
  UndiciHandler,
} from './lib/adapters/undici-dispatch.ts'
export { type AttachOptions } from './lib/adapters/attach-options.ts'
export { type UndiciHeaders } from './lib/adapters/undici-headers.ts'
export { type TokenSource } from './lib/token-source.ts'
