import { parseJsonObject } from '@countersign/protocol'
import { NO_STORE, type Answer } from '../http/answer.ts'
import type { Received } from '../http/connection.ts'
import { ProtocolError } from '../protocol-error.ts'
import type { ResourceRecord } from '../registry/records.ts'
import type { RegistrySnapshot } from '../registry/snapshot.ts'
import type { ScopeUse } from '../stores/usage-store.ts'
import {
  clientEndpoint,
  type ClientEndpointOptions,
  type ClientRequest,
} from './client-endpoint.ts'

/** Entries of one report. */
const MAX_ENTRIES = 200
/** Requests of one entry. */
const MAX_CALLS = 2 ** 32

/**
 * The usage endpoint: an API tells which scopes were used at it, by which clients.
 *
 * Only clients named as `introspectionClients` of a resource may report on it, so an API can speak of its
 * own audience alone. What is counted is keyed by what is registered: entries of clients or scopes that
 * there are not are left out. 200 means counted, in memory; it is stored within seconds. A report that is
 * sent twice counts twice.
 *
 * The format is in docs/guard/seeing.md.
 */
export function usageEndpoint(
  options: ClientEndpointOptions,
): (received: Received) => Promise<Answer> {
  const { emit } = options
  return clientEndpoint(options, 'usage.refused', async (asking) => {
    const { form, client, snapshot, now } = asking
    const { clientId } = client.registered.client
    const resource = reportedResource(asking)
    const entries = readEntries(form.get('usage')?.[0])
    const uses = entries.flatMap((entry) => knownUse(entry, { resource, snapshot, now }) ?? [])
    emit({
      type: 'usage.reported',
      at: now,
      clientId,
      credentialId: client.credential.credentialId,
      resource: resource.resource,
      uses,
      unknown: entries.length - uses.length,
    })
    return DONE
  })
}

const DONE: Answer = { status: 200, headers: NO_STORE, body: '' }

/** The one resource that is reported on. One that is unknown looks like one of somebody else. */
function reportedResource({ form, client, snapshot }: ClientRequest): ResourceRecord {
  const { clientId } = client.registered.client
  const [name = '', ...more] = form.get('resource') ?? []
  const resource = snapshot.resources.get(name)
  if (more.length > 0 || !resource?.introspectionClients.includes(clientId)) {
    throw new ProtocolError('usage_not_for_caller', clientId)
  }
  return resource
}

/** Client, scope, requests, last use in epoch seconds. */
type Entry = readonly [clientId: string, scope: string, calls: number, lastUsed: number]

function readEntries(text: string | undefined): readonly Entry[] {
  const report = parseJsonObject(text ?? '')
  const list: unknown = report.ok ? report.value['uses'] : undefined
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_ENTRIES) {
    throw new ProtocolError('usage_malformed')
  }
  if (!list.every(isEntry)) throw new ProtocolError('usage_malformed')
  return list
}

function isEntry(one: unknown): one is Entry {
  if (!Array.isArray(one) || one.length !== 4) return false
  const [clientId, scope, calls, lastUsed]: readonly unknown[] = one
  return (
    typeof clientId === 'string' &&
    typeof scope === 'string' &&
    isWhole(calls) &&
    calls >= 1 &&
    calls <= MAX_CALLS &&
    isWhole(lastUsed) &&
    lastUsed >= 0
  )
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

function knownUse(
  [clientId, scope, calls, lastUsed]: Entry,
  {
    resource: { resource, scopes },
    snapshot,
    now,
  }: {
    readonly resource: ResourceRecord
    readonly snapshot: RegistrySnapshot
    readonly now: number
  },
): ScopeUse | undefined {
  if (!snapshot.clients.has(clientId) || !scopes.includes(scope)) return undefined
  // The API's clock may be ahead of ours; nothing was used in the future.
  const lastUsedAt = Math.min(lastUsed * 1000, now)
  return { clientId, resource, scope, calls, firstUsedAt: lastUsedAt, lastUsedAt }
}
