/**
 * Tokens that are bound to a key of this client: DPoP and mutual TLS.
 *
 * @module
 */
export { dpop, type DpopOptions } from './lib/sender-constraint/dpop.ts'
export {
  certificateBound,
  type CertificateBoundOptions,
} from './lib/sender-constraint/certificate-bound.ts'
export { certificateThumbprint } from './lib/client-authentication/certificate-thumbprint.ts'
export { memoryNonceStore, type NonceStore } from './lib/sender-constraint/nonce-store.ts'
