/**
 * Tokens on every request of an undici dispatcher.
 *
 * @module
 */
export {
  tokenInterceptor,
  type UndiciController,
  type UndiciDispatchOptions,
  type UndiciHandler,
  type UndiciInterceptor,
} from './lib/adapters/token-interceptor.ts'
export { type AttachOptions } from './lib/adapters/attach-options.ts'
export { type UndiciHeaders } from './lib/adapters/undici-headers.ts'
export { type TokenSource } from './lib/token-source.ts'
