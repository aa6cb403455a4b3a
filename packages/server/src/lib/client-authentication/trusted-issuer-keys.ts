import { isJsonObject, type Issuer, type JsonObject } from '@countersign/protocol'
import {
  givenKeys,
  issuerKeys,
  keySource,
  publishedKeys,
  type KeySource,
  type SignatureAlgorithm,
} from '@countersign/verify'
import type { TrustedIssuerRecord } from '../registry/records.ts'
import { keyLoading, type KeyFetching } from './credential-keys.ts'

/** The keys of a trusted issuer: given with it, published at an address, or found by its metadata. */
export type TrustedIssuerKeys = (issuer: TrustedIssuerRecord) => KeySource

/**
 * Keys of trusted issuers, each issuer's its own: a key of one never checks an assertion of another.
 *
 * Source: RFC 8725 section 3.8; RFC 8414 section 3; SPIFFE Trust Domain and Bundle section 4.
 */
export function trustedIssuerKeys({ fetch, now }: KeyFetching): TrustedIssuerKeys {
  const sources = new WeakMap<TrustedIssuerRecord, KeySource>()

  function make(record: TrustedIssuerRecord): KeySource {
    const algorithms = new Set(record.algorithms as readonly SignatureAlgorithm[])
    const { jwks, jwksUri } = record
    const options = { ...keyLoading({ fetch, now }), algorithms }
    if (jwks !== null) return givenKeys(signingKeys(jwks), algorithms)
    const document =
      jwksUri === null
        ? issuerKeys({ ...options, issuer: record.issuer as Issuer, jwksUri: undefined })
        : publishedKeys({ ...options, jwksUri, toJwkSet: signingKeys })
    return keySource(document, now)
  }

  return (record) => {
    const source = sources.get(record) ?? make(record)
    sources.set(record, source)
    return source
  }
}

/**
 * A SPIFFE bundle marks the keys of JWTs with a `use` of its own, beside those of certificates; other
 * sets are left as they are.
 */
function signingKeys(jwks: JsonObject): JsonObject {
  const { keys } = jwks
  if (!Array.isArray(keys)) return jwks
  const marked = (keys as unknown[]).map((key) =>
    isJsonObject(key) && key['use'] === 'jwt-svid' ? { ...key, use: 'sig' } : key,
  )
  return { keys: marked }
}
