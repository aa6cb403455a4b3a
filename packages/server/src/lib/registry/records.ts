import type { JsonObject } from '@countersign/protocol'

/** Whether a thing may be used. What is disabled stays known, so that its name is never reused. */
export type RecordState = 'active' | 'disabled'

/** A machine that asks for tokens. */
export interface ClientRecord {
  /** 1 to 128 of `A-Z a-z 0-9 . _ ~ -`: the same text in every encoding of Basic. */
  readonly clientId: string
  /** For people. Never sent to anyone. */
  readonly name: string
  readonly state: RecordState
  /** The authentication methods it may use; null for every method it has a credential for. */
  readonly authenticationMethods: readonly string[] | null
  readonly createdAt: number
}

/** One way a client proves who it is. A client may have several at once, which is how they rotate. */
export type CredentialRecord = CredentialBase & CredentialProof

/** What every credential has. */
export interface CredentialBase {
  readonly credentialId: string
  readonly clientId: string
  /** For people: what or who uses it. */
  readonly label: string
  readonly state: RecordState
  readonly createdAt: number
  /** The instant from which it is refused; null for none. */
  readonly expiresAt: number | null
}

/** What a credential is compared or verified with, by `kind`. Nothing here is a secret in the clear. */
export type CredentialProof =
  | SecretProof
  | ImportedSecretProof
  | PublicKeyProof
  | KeySetProof
  | CertificateProof
  | CertificateSubjectProof
  | FederatedProof

/** A secret this server made: 256 random bits. `client_secret_basic` and `_post`. */
export interface SecretProof {
  readonly kind: 'secret'
  /** Base64url of the secret's HMAC-SHA-256 under the pepper of `masterKeyVersion`. */
  readonly digest: string
  readonly masterKeyVersion: number
  /** The secret sealed under `masterKeyVersion` and bound to the credential: `client_secret_jwt` only. */
  readonly sealedSecret: string | null
}

/** A secret somebody chose: kept under a slow hash. `client_secret_basic` and `_post`. */
export interface ImportedSecretProof {
  readonly kind: 'imported_secret'
  /** `scrypt$N$r$p$salt$hash`, the last two in base64url. */
  readonly hash: string
}

/** A public key. `private_key_jwt`. */
export interface PublicKeyProof {
  readonly kind: 'public_key'
  /** With `kty` and the members of its kind, nothing private. */
  readonly publicJwk: JsonObject
  /** The one algorithm its signatures may have. */
  readonly alg: string
}

/** Public keys the client publishes. `private_key_jwt`. */
export interface KeySetProof {
  readonly kind: 'key_set'
  readonly jwksUri: string
  readonly algorithms: readonly string[]
}

/** One certificate, by its own digest. `self_signed_tls_client_auth`. Source: RFC 8705 section 2.2. */
export interface CertificateProof {
  readonly kind: 'certificate'
  /** Base64url of the SHA-256 of the DER. */
  readonly thumbprint: string
}

/**
 * Any certificate of a trusted authority that names this subject. `tls_client_auth`.
 * Source: RFC 8705 section 2.1.2.
 */
export interface CertificateSubjectProof {
  readonly kind: 'certificate_subject'
  readonly member: 'subject_dn' | 'san_dns' | 'san_uri' | 'san_ip' | 'san_email'
  readonly value: string
}

/** An assertion of a trusted issuer about a workload. `private_key_jwt` on the wire. */
export interface FederatedProof {
  readonly kind: 'federated'
  /** A `TrustedIssuerRecord`'s issuer. */
  readonly issuer: string
  /** The `sub` it must have, exactly. */
  readonly subject: string
  /** The `aud` it must have; null for the identifier of this server. */
  readonly audience: string | null
  /** Other claims that must have these values, such as `{ "repository": "acme/billing" }`. */
  readonly claims: Readonly<Record<string, string>>
}

/** Signature algorithms of access tokens. */
export type SigningAlgorithm = 'ES256' | 'Ed25519' | 'PS256' | 'RS256' | 'ML-DSA-44' | 'ML-DSA-65'

/** How a token for a resource must be bound to its sender. */
export type SenderConstraint = 'none' | 'dpop' | 'certificate' | 'any'

/** An API that tokens are for. */
export interface ResourceRecord {
  /** Its resource indicator, and the `aud` of its tokens. */
  readonly resource: string
  /** For people. */
  readonly name: string
  /** Every scope it knows. */
  readonly scopes: readonly string[]
  readonly tokenLifetimeSeconds: number
  readonly tokenFormat: 'jwt' | 'opaque'
  readonly signingAlgorithm: SigningAlgorithm
  /** `none`: a bearer token will do; `any`: DPoP or certificate, but not bearer. */
  readonly senderConstraint: SenderConstraint
  /** Clients that may introspect its tokens and report on its scopes: the API itself, as it was given. */
  readonly introspectionClients: readonly string[]
  /** Types of `authorization_details` it takes, each with the schema of one object. RFC 9396. */
  readonly authorizationDetails: Readonly<Record<string, AuthorizationDetailsSchema>>
  readonly state: RecordState
  readonly createdAt: number
}

/** The members one authorization details object may have besides `type`. Others are refused. */
export interface AuthorizationDetailsSchema {
  readonly members: Readonly<
    Record<
      string,
      {
        readonly type: 'string' | 'number' | 'boolean' | 'string_list' | 'object'
        readonly required?: boolean
        /** The only values, for `string` and `string_list`. */
        readonly values?: readonly string[]
      }
    >
  >
}

/** What a client may do at a resource. No record, or no scopes, means nothing. */
export interface GrantRecord {
  readonly clientId: string
  readonly resource: string
  readonly scopes: readonly string[]
  /** Shortens the resource's lifetime; null for the resource's own. */
  readonly tokenLifetimeSeconds: number | null
  /** The types of `authorization_details` the client may ask for. */
  readonly authorizationDetailsTypes: readonly string[]
  readonly createdAt: number
}

/** Somebody else who vouches for workloads: a Kubernetes cluster, a CI, a cloud, a SPIFFE domain. */
export interface TrustedIssuerRecord {
  /** The `iss` of its assertions, letter by letter. */
  readonly issuer: string
  /** For people. */
  readonly name: string
  /** Where its keys are; null to find them by its metadata. */
  readonly jwksUri: string | null
  /** Its keys themselves, where it publishes none; null to fetch them. */
  readonly jwks: JsonObject | null
  readonly algorithms: readonly string[]
  /** The longest an assertion may live, `exp - iat`. */
  readonly maxLifetimeSeconds: number
  /** Whether an assertion with a `jti` is good for one use. One without may be used until it expires. */
  readonly singleUse: boolean
  readonly state: RecordState
  readonly createdAt: number
}

/** A key that signs tokens, its private half sealed or kept elsewhere. */
export interface SigningKeyRecord {
  /** The thumbprint of the public key (RFC 7638). */
  readonly kid: string
  readonly alg: SigningAlgorithm
  readonly publicJwk: JsonObject
  /** The private half as PKCS #8, sealed and bound to `kid`; null where there is none here any more. */
  readonly sealedPrivateKey: string | null
  /** What the private half is sealed under; 0 where it is not. */
  readonly masterKeyVersion: number
  /** The name by which a `Signer` knows the key, where it is kept in a KMS or HSM; else null. */
  readonly externalKey: string | null
  readonly createdAt: number
  /** Published before, signs from this instant on. */
  readonly signsFrom: number
  /** Published until this instant; null while no successor is known. */
  readonly withdrawAt: number | null
}

/** What tokens a revocation mark ends. */
export type RevocationTarget = 'token' | 'client' | 'credential' | 'signing_key' | 'resource'

/** Ends tokens that were issued, with no row for each of them. */
export interface RevocationRecord {
  readonly target: RevocationTarget
  /** A `jti`, `clientId`, `credentialId`, `kid` or `resource`. */
  readonly id: string
  /** Tokens issued at or before this instant are ended. Epoch milliseconds of a whole second, as `iat` has. */
  readonly notAfter: number
  /** From then on no such token can be alive, and the mark may be forgotten. */
  readonly expiresAt: number
  readonly createdAt: number
  /** The client that ended this token of its own; left out where an administrator did. */
  readonly clientId?: string
}
