import { startAuthorizationServer, type RunningAuthorizationServer } from '@countersign/testkit'

export const ORDERS = 'https://api.example.test/orders'
export const INVOICES = 'https://api.example.test/invoices'
/** Nobody has a grant here. */
export const OTHER = 'https://api.example.test/other'

/**
 * A server with a client `billing` that may do some things at two resources, which share the scope
 * `list`, and a client `idle` that may do nothing.
 */
export function startTwoApis(): Promise<RunningAuthorizationServer> {
  return startAuthorizationServer({
    resources: [
      { resource: ORDERS, scopes: ['orders:read', 'orders:write', 'list'] },
      { resource: INVOICES, scopes: ['invoices:read', 'list'], tokenLifetimeSeconds: 60 },
      { resource: OTHER, scopes: ['other:read'] },
    ],
    clients: [
      {
        clientId: 'billing',
        grants: [
          { resource: ORDERS, scopes: ['orders:read', 'list'] },
          { resource: INVOICES, scopes: ['invoices:read', 'list'] },
        ],
      },
      { clientId: 'idle', grants: [] },
    ],
  })
}
