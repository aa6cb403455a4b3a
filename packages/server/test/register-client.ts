import type { NewCredential } from '@countersign/server'
import type { RunningAuthorizationServer } from '@countersign/testkit'
import { ORDERS } from './two-apis.ts'

/**
 * Registers a client with one credential, or none, and what it may do at {@link ORDERS}. Gives its secret,
 * empty where the server made none.
 */
export async function registerClient(
  { administration, server }: Pick<RunningAuthorizationServer, 'administration' | 'server'>,
  clientId: string,
  credential: NewCredential | null,
): Promise<string> {
  const made = await administration.createClient({ clientId, credential })
  await administration.grant({ clientId, resource: ORDERS, scopes: ['orders:read'] })
  await server.refresh()
  return made.secret?.reveal() ?? ''
}
