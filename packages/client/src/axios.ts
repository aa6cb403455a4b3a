/**
 * Tokens on every call of an axios instance.
 *
 * @module
 */
export {
  attachTokens,
  type AxiosInterceptors,
  type AxiosLike,
} from './lib/adapters/attach-tokens.ts'
export { type AttachOptions } from './lib/adapters/attach-options.ts'
export { type TokenSource } from './lib/token-source.ts'
