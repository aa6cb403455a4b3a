import {
  createAdministration,
  createAuthorizationServer,
  generateMasterKey,
  type Administration,
  type AuthorizationServer,
  type AuthorizationServerOptions,
  type MasterKey,
  type ServerStore,
  type ServerEvent,
} from '@countersign/server'
import { nodeListener } from '@countersign/server/node'
import { memoryStore } from '@countersign/stores/memory'
import { startListener } from './loopback-server.ts'

/** A client to be ready at the start, with what it may do. */
export interface StartingClient {
  readonly clientId: string
  readonly grants: readonly Omit<Parameters<Administration['grant']>[0], 'clientId'>[]
}

/** A resource to be ready at the start: what `createResource` takes. */
export type StartingResource = Parameters<Administration['createResource']>[0]

/** What a test's authorization server has and does. Everything has a default. */
export interface StartAuthorizationServerOptions {
  /** Default: `billing`, granted every scope of every starting resource. */
  readonly clients?: readonly StartingClient[]
  /** Default: `https://api.example.test/orders` with `orders:read` and `orders:write`. */
  readonly resources?: readonly StartingResource[]
  readonly now?: () => number
  /** Default a fresh one in memory. Pass it with its `masterKeys` to start again where one ended. */
  readonly store?: ServerStore
  readonly masterKeys?: readonly MasterKey[]
  /** Other options of `createAuthorizationServer`. Its signers are the administration's too. */
  readonly serverOptions?: Partial<AuthorizationServerOptions>
  /** Milliseconds between looks at the store, default 50. */
  readonly followInterval?: number
  readonly onEvent?: (event: ServerEvent) => void
  /** Default one the system chooses. */
  readonly port?: number
  /** Follows the origin in the issuer, such as `/tenant`. Default none. */
  readonly path?: string
}

/** A real authorization server on a loopback port. */
export interface RunningAuthorizationServer extends AsyncDisposable {
  readonly issuer: string
  readonly origin: string
  readonly tokenEndpoint: string
  readonly server: AuthorizationServer
  /** Changes the registry. A change is seen within `followInterval`, or after `server.refresh()`. */
  readonly administration: Administration
  /** The starting clients' secrets by identifier; those that existed in the store are left out. */
  readonly secrets: Readonly<Record<string, string>>
  /** The first starting client, ready to be spread into a client's options. */
  readonly client: { readonly clientId: string; readonly clientSecret: string }
  readonly store: ServerStore
  readonly masterKeys: readonly MasterKey[]
  /** How many times `POST /token` has arrived. */
  readonly tokenRequests: number
  /** Every event so far. */
  readonly events: readonly ServerEvent[]
  /** Stops listening and following. The store stays open. */
  close(): Promise<void>
}

const ORDERS: StartingResource = {
  resource: 'https://api.example.test/orders',
  scopes: ['orders:read', 'orders:write'],
}

/**
 * Starts an authorization server on `127.0.0.1`, with a client and a resource ready.
 *
 * It is the real one, over a real socket: only the port, the store and perhaps the clock are a test's.
 */
export async function startAuthorizationServer(
  options: StartAuthorizationServerOptions = {},
): Promise<RunningAuthorizationServer> {
  const {
    resources = [ORDERS],
    clients = [{ clientId: 'billing', grants: resources.map(everything) }],
    now = Date.now,
    store = memoryStore(),
    masterKeys = [generateMasterKey()],
    serverOptions = {},
    followInterval = 50,
    onEvent = () => {},
    port = 0,
    path = '',
  } = options
  const { signers = {} } = serverOptions
  const administration = createAdministration({ store, masterKeys, now, signers })
  const secrets = await prepareRegistry(administration, clients, resources)

  const events: ServerEvent[] = []
  let tokenRequests = 0
  let listener: ReturnType<typeof nodeListener> | undefined
  const loopback = await startListener(
    (incoming, outgoing) => {
      if (incoming.method === 'POST' && incoming.url?.split('?')[0] === `${path}/token`) {
        tokenRequests++
      }
      listener?.(incoming, outgoing)
    },
    { port },
  )
  const issuer = `${loopback.origin}${path}`
  const server = createAuthorizationServer({
    ...serverOptions,
    issuer,
    store,
    masterKeys,
    now,
    followInterval,
    onEvent(event) {
      events.push(event)
      // Given back, so that a rejected promise meets the server and not the process.
      return onEvent(event)
    },
  })
  listener = nodeListener(server)
  const close = async (): Promise<void> => {
    await loopback.close()
    await server.close()
  }
  try {
    await server.ready()
  } catch (error) {
    await close()
    throw error
  }
  const clientId = clients[0]?.clientId ?? 'billing'
  return {
    issuer,
    origin: loopback.origin,
    tokenEndpoint: `${issuer}/token`,
    server,
    administration,
    secrets,
    client: { clientId, clientSecret: secrets[clientId] ?? '' },
    store,
    masterKeys,
    get tokenRequests() {
      return tokenRequests
    },
    events,
    close,
    [Symbol.asyncDispose]: close,
  }
}

function everything({ resource, scopes, authorizationDetails = {} }: StartingResource): {
  resource: string
  scopes: readonly string[]
  authorizationDetailsTypes: readonly string[]
} {
  return { resource, scopes, authorizationDetailsTypes: Object.keys(authorizationDetails) }
}

async function prepareRegistry(
  administration: Administration,
  clients: readonly StartingClient[],
  resources: readonly StartingResource[],
): Promise<Record<string, string>> {
  const knownResources = new Set((await administration.listResources()).map((one) => one.resource))
  for (const resource of resources) {
    if (!knownResources.has(resource.resource)) await administration.createResource(resource)
  }
  const secrets: Record<string, string> = {}
  const knownClients = new Set((await administration.listClients()).map((one) => one.clientId))
  for (const { clientId, grants } of clients) {
    if (knownClients.has(clientId)) continue
    const created = await administration.createClient({ clientId })
    secrets[clientId] = created.secret.reveal()
    for (const grant of grants) await administration.grant({ clientId, ...grant })
  }
  return secrets
}
