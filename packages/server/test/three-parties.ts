import type { RunningAuthorizationServer } from '@countersign/testkit'
import {
  startAuthorizationServer,
  type StartAuthorizationServerOptions,
} from '@countersign/testkit'
import { postForm, type FormAnswer } from './post-form.ts'
import { postToken } from './post-token.ts'
import { INVOICES, ORDERS } from './two-apis.ts'

interface Party {
  readonly clientId: string
  readonly clientSecret: string
}

/** A server with two clients, and two APIs that each may introspect tokens for themselves. */
export interface ThreeParties extends AsyncDisposable {
  readonly running: RunningAuthorizationServer
  /** Granted everything at both APIs. */
  readonly billing: Party
  /** Granted everything at both APIs as well. */
  readonly shipping: Party
  readonly ordersApi: Party
  readonly invoicesApi: Party
  /** A fresh token of a client. */
  token(client: Party, resource?: string): Promise<string>
  /** Asks about a token as `caller`, by default the API for orders. */
  introspect(token: string, caller?: Party, headers?: Record<string, string>): Promise<FormAnswer>
  revoke(token: string, client?: Party): Promise<FormAnswer>
  close(): Promise<void>
}

/** Starts a server with {@link ThreeParties}. */
export async function startThreeParties(
  options: StartAuthorizationServerOptions = {},
): Promise<ThreeParties> {
  const resources = [
    { resource: ORDERS, scopes: ['orders:read', 'orders:write'] },
    { resource: INVOICES, scopes: ['invoices:read'] },
  ]
  const running = await startAuthorizationServer({
    ...options,
    resources,
    clients: [
      { clientId: 'billing', grants: resources },
      { clientId: 'shipping', grants: resources },
      { clientId: 'orders-api', grants: [] },
      { clientId: 'invoices-api', grants: [] },
    ],
  })
  const { administration, server, issuer, tokenEndpoint } = running
  await administration.updateResource({
    resource: ORDERS,
    introspectionClients: ['orders-api'],
  })
  await administration.updateResource({
    resource: INVOICES,
    introspectionClients: ['invoices-api'],
  })
  await server.refresh()
  const party = (clientId: string): Party => ({
    clientId,
    clientSecret: running.secrets[clientId] ?? '',
  })
  const billing = party('billing')
  const ordersApi = party('orders-api')
  return {
    running,
    billing,
    shipping: party('shipping'),
    ordersApi,
    invoicesApi: party('invoices-api'),
    async token(client, resource = ORDERS) {
      const { json } = await postToken(tokenEndpoint, { basic: client, form: { resource } })
      return String(json['access_token'])
    },
    introspect: (token, caller = ordersApi, headers = {}) =>
      postForm(`${issuer}/introspect`, { basic: caller, form: { token }, headers }),
    revoke: (token, client = billing) =>
      postForm(`${issuer}/revoke`, { basic: client, form: { token } }),
    close: running.close,
    [Symbol.asyncDispose]: running.close,
  }
}
