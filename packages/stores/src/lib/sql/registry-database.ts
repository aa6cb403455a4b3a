import type {
  ClientRecord,
  CredentialRecord,
  GrantRecord,
  ResourceRecord,
  SigningKeyRecord,
} from '@countersign/server'

/**
 * The tables of a registry, the same on every database. Columns are these names in snake_case.
 *
 * Lists and objects are JSON texts; instants are epoch milliseconds.
 */
export interface RegistryDatabase {
  /** One row: the revision of the last change. */
  registry: { id: 1; revision: number }
  clients: ClientRecord & Revised
  credentials: CredentialRecord & Revised
  resources: Omit<ResourceRecord, 'scopes'> & { readonly scopes: string } & Revised
  grants: Omit<GrantRecord, 'scopes'> & { readonly scopes: string } & Revised
  signingKeys: Omit<SigningKeyRecord, 'publicJwk'> & { readonly publicJwk: string } & Revised
}

/** The revision at which a record last changed. */
export interface Revised {
  readonly revision: number
}
