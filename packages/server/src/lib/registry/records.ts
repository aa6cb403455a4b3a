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
  readonly createdAt: number
}

/** One way a client proves who it is. A client may have several at once, which is how they rotate. */
export interface CredentialRecord {
  readonly credentialId: string
  readonly clientId: string
  /** For people: what or who uses it. */
  readonly label: string
  readonly kind: 'secret'
  /** Base64url of the secret's HMAC-SHA-256 under the pepper of `masterKeyVersion`. */
  readonly digest: string
  readonly masterKeyVersion: number
  readonly state: RecordState
  readonly createdAt: number
  /** The instant from which it is refused; null for none. */
  readonly expiresAt: number | null
}

/** An API that tokens are for. */
export interface ResourceRecord {
  /** Its resource indicator, and the `aud` of its tokens. */
  readonly resource: string
  /** For people. */
  readonly name: string
  /** Every scope it knows. */
  readonly scopes: readonly string[]
  readonly tokenLifetimeSeconds: number
  readonly state: RecordState
  readonly createdAt: number
}

/** What a client may do at a resource. No record, or no scopes, means nothing. */
export interface GrantRecord {
  readonly clientId: string
  readonly resource: string
  readonly scopes: readonly string[]
  readonly createdAt: number
}

/** A key that signs tokens, its private half sealed. */
export interface SigningKeyRecord {
  /** The thumbprint of the public key (RFC 7638). */
  readonly kid: string
  readonly alg: 'ES256'
  readonly publicJwk: JsonObject
  /** The private key as PKCS #8, sealed under `masterKeyVersion` and bound to `kid`. */
  readonly sealedPrivateKey: string
  readonly masterKeyVersion: number
  readonly createdAt: number
  /** Published before, signs from this instant on. */
  readonly signsFrom: number
  /** Published until this instant; null while no successor is known. */
  readonly withdrawAt: number | null
}
