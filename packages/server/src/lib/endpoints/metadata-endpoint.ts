import { formatAuthorizationServerMetadata } from '@countersign/protocol'
import { jsonAnswer, type Answer } from '../http/answer.ts'

/** What the metadata document says. */
export interface MetadataOptions {
  readonly issuer: string
  readonly tokenEndpoint: string
  readonly jwksUri: string
  readonly tokenEndpointAuthMethods: readonly string[]
  readonly grantTypes: readonly string[]
}

/**
 * The metadata document, the same at every well-known place.
 *
 * Scopes are left out: which there are is for those who were granted some. May be cached 5 minutes.
 * Source: RFC 8414 sections 2, 3 and 3.2.
 */
export function metadataEndpoint(options: MetadataOptions): () => Answer {
  const body = formatAuthorizationServerMetadata({
    ...options,
    mtlsTokenEndpoint: undefined,
    scopes: undefined,
    all: {},
  })
  const answer = jsonAnswer(200, body, { 'cache-control': 'max-age=300' })
  return () => answer
}
