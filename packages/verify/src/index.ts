/**
 * What every side that receives proofs needs: it checks signatures and finds the keys for them.
 *
 * @module
 */
export { hasSubject, type CertificateSubject } from './lib/certificate/certificate-subject.ts'
export {
  readClientCertificate,
  type CertificateReading,
  type ClientCertificate,
} from './lib/certificate/client-certificate.ts'
export {
  proxyCertificates,
  type CertificateFormat,
  type ProxiedCertificateReading,
  type ProxiedRequest,
  type ProxyCertificateOptions,
  type ProxyCertificates,
} from './lib/certificate/proxy-certificate.ts'
export { certificateFromSocket } from './lib/certificate/socket-certificate.ts'
export { sha256Base64url } from './lib/digest/sha256.ts'
export { DPOP_FAULTS, type DpopFault, type DpopFaultAnswer } from './lib/dpop/dpop-faults.ts'
export {
  dpopNonces,
  type DpopNonces,
  type DpopNoncesOptions,
  type NonceCheck,
} from './lib/dpop/dpop-nonces.ts'
export {
  dpopVerifier,
  type DpopPresentation,
  type DpopReplay,
  type DpopVerdict,
  type DpopVerifier,
} from './lib/dpop/dpop-verifier.ts'
export type { DpopVerifierOptions } from './lib/dpop/dpop-verifier-options.ts'
export { gathering, type Gathering } from './lib/gathering/gathering.ts'
export { givenKeys } from './lib/keys/given-keys.ts'
export { issuerAddress, type IssuerAddressOptions } from './lib/keys/issuer-address.ts'
export { issuerKeys, type IssuerKeysOptions } from './lib/keys/issuer-keys.ts'
export {
  importKeySet,
  MAX_CANDIDATES,
  type KeySet,
  type VerificationKey,
} from './lib/keys/key-set.ts'
export { keySource, type KeyLookup, type KeySource } from './lib/keys/key-source.ts'
export {
  publishedKeys,
  type KeyLoadOptions,
  type PublishedKeysOptions,
} from './lib/keys/published-keys.ts'
export type { DocumentEvent, IssuerDocument } from './lib/remote/document-event.ts'
export {
  fetchJson,
  MAX_DOCUMENT,
  type FetchedJson,
  type FetchJsonOptions,
} from './lib/remote/fetch-json.ts'
export { fetchText, type FetchedText, type FetchTextOptions } from './lib/remote/fetch-text.ts'
export { loadFlight, type LoadFlight } from './lib/remote/load-flight.ts'
export { LoadFailure, type LoadFault } from './lib/remote/load-failure.ts'
export type { PublicFetchOptions } from './lib/remote/public-fetch-options.ts'
export { publicFetch } from './lib/remote/public-fetch.ts'
export {
  remoteDocument,
  type Loaded,
  type LoadRequest,
  type RemoteDocument,
  type RemoteDocumentOptions,
} from './lib/remote/remote-document.ts'
export { isRequestBound } from './lib/remote/request-bound.ts'
export { readRetryAfter } from './lib/remote/retry-after.ts'
export { unlessAborted } from './lib/remote/unless-aborted.ts'
export { importHmacVerifier, MIN_HMAC_SECRET } from './lib/signature/hmac-verifier.ts'
export { toPublicJwk, type PublicJwk } from './lib/signature/public-jwk.ts'
export {
  DEFAULT_SIGNATURE_ALGORITHMS,
  keyFits,
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
} from './lib/signature/signature-algorithm.ts'
export { importVerifier, type SignatureVerifier } from './lib/signature/signature-verifier.ts'
