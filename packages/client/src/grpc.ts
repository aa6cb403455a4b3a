/**
 * Tokens on every gRPC call.
 *
 * @module
 */
export {
  callCredentials,
  retryUnauthenticated,
  type GrpcMetadata,
  type GrpcModule,
} from './lib/adapters/call-credentials.ts'
export { type AttachOptions } from './lib/adapters/attach-options.ts'
export { type TokenSource } from './lib/token-source.ts'
