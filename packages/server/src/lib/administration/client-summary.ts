import type {
  ClientRecord,
  CredentialBase,
  CredentialRecord,
  GrantRecord,
} from '../registry/records.ts'
import type { RegisteredClient, RegistrySnapshot } from '../registry/snapshot.ts'
import type { CredentialUse } from '../stores/usage-store.ts'
import { isSafeToRetire } from './retirement.ts'

/** A credential without what only the server may know of it. */
export type CredentialSummary = CredentialBase & {
  readonly kind: CredentialRecord['kind']
}

/** A credential and what is known of its use. Servers tell of it every few seconds. */
export type UsedCredential = CredentialSummary & {
  /** Epoch milliseconds; null where it was never used. */
  readonly lastUsedAt: number | null
  /** Tokens that were got with it. */
  readonly tokens: number
  /**
   * Whether nobody will notice when it is gone: it has ended, or it is to end, was not used for as long
   * as the client's longest token lives, and another one has been.
   */
  readonly safeToRetire: boolean
}

/** A client with its credentials and grants, nothing secret. */
export interface ClientSummary extends ClientRecord {
  readonly credentials: readonly UsedCredential[]
  readonly grants: readonly GrantRecord[]
}

/** What may be shown of a client, with what is known of the use of its credentials. */
export function clientSummary(
  client: RegisteredClient,
  known: {
    readonly uses: ReadonlyMap<string, CredentialUse>
    readonly snapshot: RegistrySnapshot
    readonly now: number
  },
): ClientSummary {
  return {
    ...client.client,
    credentials: Array.from(client.credentials.values(), (credential) => {
      const use = known.uses.get(credential.credentialId)
      return {
        ...credentialSummary(credential),
        lastUsedAt: use?.lastUsedAt ?? null,
        tokens: use?.tokens ?? 0,
        safeToRetire: isSafeToRetire(credential, { client, ...known }),
      }
    }),
    grants: Array.from(client.grants.values()),
  }
}

/** What may be shown of a credential. */
export function credentialSummary(record: CredentialRecord): CredentialSummary {
  const { credentialId, clientId, label, kind, state, createdAt, expiresAt } = record
  return { credentialId, clientId, label, kind, state, createdAt, expiresAt }
}
