import {
  createAdministration,
  createAuthorizationServer,
  generateMasterKey,
} from '@countersign/server'
import { nodeListener } from '@countersign/server/node'
import { memoryStore } from '@countersign/stores/memory'
import { listen } from './listen.ts'

/** One API and one client that may call it. */
export interface IssuerSetup {
  readonly resource: string
  readonly scopes: readonly string[]
  readonly clientId: string
  /** The scopes that the client gets, of those the API has. */
  readonly granted: readonly string[]
  /** Default 3,600. */
  readonly tokenLifetimeSeconds?: number
}

/** A running authorization server, and the client that was made on it. */
export interface Issuer extends AsyncDisposable {
  readonly issuer: string
  readonly clientSecret: string
  /** How many tokens it has issued. */
  readonly tokensIssued: number
}

/** Starts an authorization server in this process: what the examples need around their own idea. */
export async function startIssuer(setup: IssuerSetup): Promise<Issuer> {
  const { resource, scopes, clientId, granted, tokenLifetimeSeconds = 3600 } = setup
  const store = memoryStore()
  const masterKeys = [generateMasterKey()]
  const administration = createAdministration({ store, masterKeys })
  await administration.createResource({ resource, scopes, tokenLifetimeSeconds })
  const { secret } = await administration.createClient({ clientId })
  await administration.grant({ clientId, resource, scopes: granted })

  let tokensIssued = 0
  const local = await listen()
  const server = createAuthorizationServer({
    issuer: local.origin,
    store,
    masterKeys,
    onEvent: ({ type }) => {
      if (type === 'token.issued') tokensIssued++
    },
  })
  local.answer(nodeListener(server))
  return {
    issuer: server.issuer,
    clientSecret: secret.reveal(),
    get tokensIssued() {
      return tokensIssued
    },
    async [Symbol.asyncDispose]() {
      await local[Symbol.asyncDispose]()
      await server.close()
    },
  }
}
