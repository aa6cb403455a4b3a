import { formatAuthorizationServerMetadata } from '@countersign/protocol'
import { jsonAnswer, type Answer } from '../http/answer.ts'

/** What the metadata document says. */
export interface MetadataOptions {
  readonly issuer: string
  readonly tokenEndpoint: string
  readonly introspectionEndpoint: string
  readonly revocationEndpoint: string
  readonly revocationFeed: string
  readonly usageEndpoint: string
  readonly jwksUri: string
  /** Where clients with a certificate call, where that is elsewhere. */
  readonly mtls:
    | {
        readonly token: string
        readonly introspection: string
        readonly revocation: string
        readonly usage: string
      }
    | undefined
  /** Whether tokens may be bound to the client's certificate. */
  readonly certificateBound: boolean
  /** Signature algorithms of DPoP proofs. */
  readonly dpopSigningAlgorithms: readonly string[]
  /** Client authentication methods: the same at every endpoint. */
  readonly authMethods: readonly string[]
  /** Signature algorithms of assertions: the same at every endpoint. */
  readonly authSigningAlgorithms: readonly string[]
  readonly grantTypes: readonly string[]
  /** Algorithms of signed introspection answers. */
  readonly introspectionSigningAlgorithms: readonly string[]
}

/**
 * The metadata document, the same at every well-known place.
 *
 * Scopes are left out: which there are is for those who were granted some. May be cached 5 minutes.
 *
 * It says what the server is set up for, not how it fares: assertions and DPoP stay listed while the
 * replay store is unproven, and are answered 503. Clients keep the document for longer than that, and
 * one that read it at the wrong moment would choose a weaker method, or find none.
 * Source: RFC 8414 sections 2, 3 and 3.2; RFC 9701 section 7.
 */
export function metadataEndpoint(options: MetadataOptions): () => Answer {
  const { issuer, tokenEndpoint, jwksUri, grantTypes, authMethods, authSigningAlgorithms, mtls } =
    options
  const body = formatAuthorizationServerMetadata({
    issuer,
    tokenEndpoint,
    jwksUri,
    grantTypes,
    tokenEndpointAuthMethods: authMethods,
    mtlsTokenEndpoint: mtls?.token,
    scopes: undefined,
    all: {
      dpop_signing_alg_values_supported: options.dpopSigningAlgorithms,
      tls_client_certificate_bound_access_tokens: options.certificateBound ? true : undefined,
      mtls_endpoint_aliases: mtls && {
        introspection_endpoint: mtls.introspection,
        revocation_endpoint: mtls.revocation,
        countersign_usage_endpoint: mtls.usage,
      },
      token_endpoint_auth_signing_alg_values_supported: authSigningAlgorithms,
      introspection_endpoint: options.introspectionEndpoint,
      introspection_endpoint_auth_methods_supported: authMethods,
      introspection_endpoint_auth_signing_alg_values_supported: authSigningAlgorithms,
      introspection_signing_alg_values_supported: options.introspectionSigningAlgorithms,
      revocation_endpoint: options.revocationEndpoint,
      // No registered names: read by guards of this toolkit only.
      countersign_revocation_feed: options.revocationFeed,
      countersign_usage_endpoint: options.usageEndpoint,
      revocation_endpoint_auth_methods_supported: authMethods,
      revocation_endpoint_auth_signing_alg_values_supported: authSigningAlgorithms,
    },
  })
  const answer = jsonAnswer(200, body, { 'cache-control': 'max-age=300' })
  return () => answer
}
