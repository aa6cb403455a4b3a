import type { JsonObject } from '@countersign/protocol'
import type { CertificateSubjectProof } from '../registry/records.ts'

/** What a new credential is made of, by `kind`. */
export type NewCredential = NewCredentialBase &
  (
    | NewSecret
    | NewImportedSecret
    | NewPublicKey
    | NewKeySet
    | NewCertificate
    | NewCertificateSubject
    | NewFederatedIdentity
  )

/** What every new credential may have. */
export interface NewCredentialBase {
  /** For people: what or who uses it. Default its kind. */
  readonly label?: string
  /** The instant from which it is refused, epoch milliseconds. Default none. */
  readonly expiresAt?: number
}

/** A secret that this server makes: 256 random bits, shown once. */
export interface NewSecret {
  readonly kind: 'secret'
  /**
   * Keeps the secret besides, encrypted, which `client_secret_jwt` needs. Default false: only a digest
   * is kept.
   */
  readonly sealed?: boolean
}

/**
 * A secret that was made elsewhere, such as by the server that this one replaces: 8 to 256 characters.
 * It is kept under a slow hash.
 */
export interface NewImportedSecret {
  readonly kind: 'imported_secret'
  readonly secret: string
}

/** The public half of a key that signs assertions: `private_key_jwt`. */
export interface NewPublicKey {
  readonly kind: 'public_key'
  /** A JWK without private members, or PEM: a public key (SPKI). */
  readonly publicKey: JsonObject | string
  /**
   * The one algorithm its signatures may have. Default the JWK's `alg`, else ES256, Ed25519 or PS256 by
   * the type of the key.
   */
  readonly alg?: string
  /** Must then be the `kid` of assertions that have one. Default the JWK's. */
  readonly kid?: string
}

/** The address where a client publishes its keys: `private_key_jwt`. */
export interface NewKeySet {
  readonly kind: 'key_set'
  readonly jwksUri: string
  /** Default ES256, PS256, EdDSA, Ed25519 and RS256. */
  readonly algorithms?: readonly string[]
}

/** One certificate, whoever issued it: `self_signed_tls_client_auth`. */
export interface NewCertificate {
  readonly kind: 'certificate'
  /** PEM. */
  readonly certificate: string
}

/** Any certificate of a trusted authority with this in its subject: `tls_client_auth`. */
export interface NewCertificateSubject extends CertificateSubjectProof {
  readonly kind: 'certificate_subject'
}

/** What a trusted issuer must say of a workload for it to be this client. */
export interface NewFederatedIdentity {
  readonly kind: 'federated'
  /** A trusted issuer. */
  readonly issuer: string
  /** The `sub` of its assertions, letter by letter. */
  readonly subject: string
  /** The `aud` they must have. Default the issuer identifier of this server. */
  readonly audience?: string
  /** Other claims that must have these values. */
  readonly claims?: Readonly<Record<string, string>>
}
