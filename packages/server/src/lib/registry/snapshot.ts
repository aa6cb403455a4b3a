import type {
  ClientRecord,
  CredentialRecord,
  GrantRecord,
  ResourceRecord,
  SigningKeyRecord,
} from './records.ts'
import type { RegistryChanges } from './registry-store.ts'

/** A client with everything that belongs to it. */
export interface RegisteredClient {
  readonly client: ClientRecord
  /** By credential identifier, expired and disabled ones included. */
  readonly credentials: ReadonlyMap<string, CredentialRecord>
  /** By resource. */
  readonly grants: ReadonlyMap<string, GrantRecord>
}

/** The whole registry in memory, by the keys it is asked for. */
export interface RegistrySnapshot {
  /** The store's revision that this shows. */
  readonly revision: number
  readonly clients: ReadonlyMap<string, RegisteredClient>
  readonly resources: ReadonlyMap<string, ResourceRecord>
  readonly signingKeys: ReadonlyMap<string, SigningKeyRecord>
  /**
   * Takes changes in, in place. It does so in one turn of the event loop, so code that does not wait
   * between two reads sees one revision.
   */
  absorb(changes: RegistryChanges): void
}

/** A snapshot of a registry with nothing in it, at revision 0. */
export function emptySnapshot(): RegistrySnapshot {
  const clients = new Map<string, MutableClient>()
  const resources = new Map<string, ResourceRecord>()
  const signingKeys = new Map<string, SigningKeyRecord>()
  let revision = 0
  return {
    get revision() {
      return revision
    },
    clients,
    resources,
    signingKeys,
    absorb(changes) {
      revision = changes.revision
      for (const client of changes.clients) {
        const known = clients.get(client.clientId)
        if (known !== undefined) known.client = client
        else clients.set(client.clientId, { client, credentials: new Map(), grants: new Map() })
      }
      // A credential or grant whose client is unknown can do nothing, so it is left out.
      for (const credential of changes.credentials) {
        clients.get(credential.clientId)?.credentials.set(credential.credentialId, credential)
      }
      for (const resource of changes.resources) resources.set(resource.resource, resource)
      for (const grant of changes.grants) {
        clients.get(grant.clientId)?.grants.set(grant.resource, grant)
      }
      for (const key of changes.signingKeys) signingKeys.set(key.kid, key)
    },
  }
}

interface MutableClient {
  client: ClientRecord
  readonly credentials: Map<string, CredentialRecord>
  readonly grants: Map<string, GrantRecord>
}
