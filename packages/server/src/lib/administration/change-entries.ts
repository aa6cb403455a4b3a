import type { JsonObject } from '@countersign/protocol'
import { recordKey, type RegistryChange, type RegistryRecord } from '../registry/registry-store.ts'
import type { RegistrySnapshot } from '../registry/snapshot.ts'
import type { AuditEntry } from '../stores/audit-log.ts'

/**
 * What the audit log says of changes of the registry: what was created, disabled, enabled or changed, and
 * by whom. Of a change the names of the members are kept and none of their values: some are secret, and
 * the registry holds what is so now.
 */
export function changeEntries(
  changes: readonly RegistryChange[],
  {
    before,
    at,
    actor,
  }: {
    /** The registry as it was. */
    readonly before: RegistrySnapshot
    readonly at: number
    readonly actor: string | undefined
  },
): readonly AuditEntry[] {
  return changes.map((change) => {
    const old = recordBefore(change, before)
    const members = old === undefined ? [] : differences(old, change.record)
    return {
      at,
      type: `${change.kind}.${actionOf(change.record, old)}`,
      correlationId: null,
      clientId: 'clientId' in change.record ? change.record.clientId : null,
      detail: {
        key: recordKey(change),
        ...(members.length > 0 && { members }),
        ...(actor !== undefined && { actor }),
      },
    }
  })
}

function actionOf(record: RegistryRecord['record'], old: object | undefined): string {
  if (old === undefined) return 'created'
  if ('state' in record && 'state' in old && record.state !== old.state) {
    return record.state === 'disabled' ? 'disabled' : 'enabled'
  }
  return 'changed'
}

function recordBefore(change: RegistryRecord, before: RegistrySnapshot): object | undefined {
  const { clients, resources, trustedIssuers, signingKeys, revocations } = before
  switch (change.kind) {
    case 'client':
      return clients.get(change.record.clientId)?.client
    case 'credential':
      return clients.get(change.record.clientId)?.credentials.get(change.record.credentialId)
    case 'grant':
      return clients.get(change.record.clientId)?.grants.get(change.record.resource)
    case 'resource':
      return resources.get(change.record.resource)
    case 'trusted_issuer':
      return trustedIssuers.get(change.record.issuer)
    case 'signing_key':
      return signingKeys.get(change.record.kid)
    case 'revocation':
      return revocations.get(recordKey(change))
  }
}

function differences(old: object, record: object): readonly string[] {
  const before = old as JsonObject
  return Object.entries(record)
    .filter(([name, value]) => JSON.stringify(before[name]) !== JSON.stringify(value))
    .map(([name]) => name)
}
