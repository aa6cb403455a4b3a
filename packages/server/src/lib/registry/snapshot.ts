import type {
  ClientRecord,
  CredentialRecord,
  GrantRecord,
  ResourceRecord,
  RevocationRecord,
  SigningKeyRecord,
  TrustedIssuerRecord,
} from './records.ts'
import type { RegistryChanges, RegistryRecord } from './registry-store.ts'
import { revocationMarks } from './revocation-marks.ts'

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
  /** By issuer. */
  readonly trustedIssuers: ReadonlyMap<string, TrustedIssuerRecord>
  readonly signingKeys: ReadonlyMap<string, SigningKeyRecord>
  /** By `recordKey`: target and identifier. Marks on tokens that one on their client covers are left out. */
  readonly revocations: ReadonlyMap<string, RevocationRecord>
  /** How many of them a client made on tokens of its own. */
  tokenMarks(clientId: string): number
  /**
   * Takes changes in, in place. It does so in one turn of the event loop, so code that does not wait
   * between two reads sees one revision. Gives what it left out: what belongs to clients that are
   * unknown, which can do nothing.
   */
  absorb(changes: RegistryChanges): readonly RegistryRecord[]
  /** Forgets revocation marks that ended before `at`. */
  forgetRevocations(at: number): void
}

/** A snapshot of a registry with nothing in it, at revision 0. */
export function emptySnapshot(): RegistrySnapshot {
  const clients = new Map<string, MutableClient>()
  const resources = new Map<string, ResourceRecord>()
  const trustedIssuers = new Map<string, TrustedIssuerRecord>()
  const signingKeys = new Map<string, SigningKeyRecord>()
  const marks = revocationMarks()
  let revision = 0

  function absorbClient(client: ClientRecord): void {
    const known = clients.get(client.clientId)
    if (known !== undefined) known.client = client
    else clients.set(client.clientId, { client, credentials: new Map(), grants: new Map() })
  }

  /** Gives whether it had a place. */
  function absorbOther(one: RegistryRecord): boolean {
    switch (one.kind) {
      case 'client':
        return true
      case 'credential': {
        const owner = clients.get(one.record.clientId)
        owner?.credentials.set(one.record.credentialId, one.record)
        return owner !== undefined
      }
      case 'grant': {
        const owner = clients.get(one.record.clientId)
        owner?.grants.set(one.record.resource, one.record)
        return owner !== undefined
      }
      case 'resource':
        resources.set(one.record.resource, one.record)
        return true
      case 'trusted_issuer':
        trustedIssuers.set(one.record.issuer, one.record)
        return true
      case 'signing_key':
        signingKeys.set(one.record.kid, one.record)
        return true
      case 'revocation':
        marks.put(one.record)
        return true
    }
  }

  return {
    get revision() {
      return revision
    },
    clients,
    resources,
    trustedIssuers,
    signingKeys,
    revocations: marks.byKey,
    tokenMarks: marks.countOf,
    absorb(changes) {
      revision = changes.revision
      for (const one of changes.records) if (one.kind === 'client') absorbClient(one.record)
      return changes.records.filter((one) => !absorbOther(one))
    },
    forgetRevocations: marks.forgetEnded,
  }
}

interface MutableClient {
  client: ClientRecord
  readonly credentials: Map<string, CredentialRecord>
  readonly grants: Map<string, GrantRecord>
}
