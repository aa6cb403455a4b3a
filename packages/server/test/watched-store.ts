import { expect } from 'vitest'
import type { AuditEntry, CredentialUse, ServerStore } from '@countersign/server'
import { memoryStore } from '@countersign/testkit'

/** A store that remembers what was written behind the answers, and fails while it is told to. */
export function watchedStore() {
  const inner = memoryStore()
  const state = {
    failing: false,
    entries: [] as AuditEntry[],
    batches: 0,
    uses: [] as CredentialUse[],
    scopeWrites: 0,
  }
  const check = (): void => {
    if (state.failing) throw new Error('the disk is on fire')
  }
  const store: ServerStore = {
    ...inner,
    registry: {
      ...inner.registry,
      async changesSince(revision) {
        check()
        return inner.registry.changesSince(revision)
      },
    },
    audit: {
      ...inner.audit,
      async append(entries) {
        check()
        state.batches++
        // The first signing key of the store is told as well; it is no business of these tests.
        state.entries.push(...entries.filter(({ type }) => type !== 'signing_key.created'))
        await inner.audit.append(entries)
      },
    },
    usage: {
      ...inner.usage,
      async add(uses) {
        check()
        state.uses.push(...uses)
        await inner.usage.add(uses)
      },
      async addScopes(uses) {
        check()
        state.scopeWrites++
        await inner.usage.addScopes(uses)
      },
    },
  }
  return { store, state }
}

/** The metrics of a server, as text. */
export async function metricsOf(server: {
  metrics(request: Request): Promise<Response>
}): Promise<string> {
  const response = await server.metrics(new Request('http://localhost/metrics'))
  expect(response.headers.get('content-type')).toMatch(/^application\/openmetrics-text; version=1/)
  return response.text()
}
