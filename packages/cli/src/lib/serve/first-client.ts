import type { OpenRegistry } from '../registry/open-registry.ts'

/** What the first run made. */
export interface FirstClient {
  readonly clientId: string
  readonly clientSecret: string
  readonly resource: string
  readonly scopes: readonly string[]
}

const CLIENT_ID = 'first-client'
const SCOPES: readonly string[] = ['read', 'write']

/**
 * Makes one resource, one client and its grant in a registry that is empty, so that there is
 * something to try; `undefined` where anything is there already.
 *
 * The secret is given here and never again.
 */
export async function firstClient(
  { administration, store }: Pick<OpenRegistry, 'administration' | 'store'>,
  resource: string,
): Promise<FirstClient | undefined> {
  // Asks for the revision only: a great registry is read once, by the server.
  const { revision } = await store.registry.changesSince(Number.MAX_SAFE_INTEGER)
  if (revision > 0) return undefined
  try {
    await administration.createResource({ resource, scopes: SCOPES })
    const { secret } = await administration.createClient({ clientId: CLIENT_ID })
    await administration.grant({ clientId: CLIENT_ID, resource, scopes: SCOPES })
    return { clientId: CLIENT_ID, clientSecret: secret.reveal(), resource, scopes: SCOPES }
  } catch (error) {
    // Another server that started at the same moment was first, and has printed its secret.
    const { code } = error as { readonly code?: unknown }
    if (code === 'resource_exists' || code === 'client_exists') return undefined
    throw error
  }
}
