import type { UsageStore } from '../stores/usage-store.ts'
import { knownClient } from './client-administration.ts'
import type { RegistryEditor } from './registry-editor.ts'

/** A scope that a client was granted, and what is known of its use. APIs tell of it every few seconds. */
export interface GrantedScope {
  readonly clientId: string
  readonly resource: string
  readonly scope: string
  /** Requests that it let in, as far as was told. */
  readonly calls: number
  /** Epoch milliseconds; null where no use was told of. */
  readonly lastUsedAt: number | null
  /**
   * The first use of any scope by any client that the API told of; epoch milliseconds. Null where it never
   * told of one: then nothing is known, and a scope that looks unused may be in use.
   */
  readonly toldSince: number | null
}

/** What is known of the use of scopes. */
export interface ScopeUsageAdministration {
  /**
   * Every granted scope, of one client or of all, in the order of client, resource and scope.
   *
   * A scope that was never used since its API began to tell is one that the grant may not need. That is no
   * more than a hint for what is used once a quarter.
   *
   * Throws: `client_unknown`.
   */
  listGrantedScopes(query?: { readonly clientId?: string }): Promise<readonly GrantedScope[]>
}

/** The uses of scopes over one editor. */
export function scopeUsageAdministration(
  editor: RegistryEditor,
  usage: UsageStore,
): ScopeUsageAdministration {
  return {
    async listGrantedScopes({ clientId } = {}) {
      const [snapshot, told] = await Promise.all([editor.read(), usage.readScopes()])
      const clients =
        clientId === undefined
          ? Array.from(snapshot.clients.values())
          : [knownClient(snapshot, clientId)]
      const since = new Map<string, number>()
      for (const { resource, firstUsedAt } of told) {
        since.set(resource, Math.min(firstUsedAt, since.get(resource) ?? Infinity))
      }
      const uses = new Map(told.map((use) => [keyOf(use), use]))
      return clients
        .flatMap(({ grants }) => Array.from(grants.values()))
        .flatMap((grant) =>
          grant.scopes.map((scope): GrantedScope => {
            const granted = { clientId: grant.clientId, resource: grant.resource, scope }
            const use = uses.get(keyOf(granted))
            return {
              ...granted,
              calls: use?.calls ?? 0,
              lastUsedAt: use?.lastUsedAt ?? null,
              toldSince: since.get(grant.resource) ?? null,
            }
          }),
        )
        .toSorted((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1))
    },
  }
}

/** Client and scope hold no blank, nor does the URI between them. */
function keyOf(of: Pick<GrantedScope, 'clientId' | 'resource' | 'scope'>): string {
  return `${of.clientId} ${of.resource} ${of.scope}`
}
