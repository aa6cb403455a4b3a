import type { JSONWebKeySet } from 'jose'
import type { Administration } from '@countersign/server'

/** What a client proves itself with. */
export interface Credentials {
  readonly clientId: string
  readonly clientSecret: string
}

const ORDERS = 'https://api.example.test/orders'

/** Makes the client `billing`, who may read orders. */
export async function makeBilling(administration: Administration): Promise<Credentials> {
  await administration.createResource({ resource: ORDERS, scopes: ['orders:read'] })
  const { secret } = await administration.createClient({ clientId: 'billing' })
  await administration.grant({ clientId: 'billing', resource: ORDERS, scopes: ['orders:read'] })
  return { clientId: 'billing', clientSecret: secret.reveal() }
}

function askToken(origin: string, { clientId, clientSecret }: Credentials): Promise<Response> {
  return fetch(`${origin}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })
}

/** The status that a token request of this client is answered with. */
export async function statusOf(origin: string, credentials: Credentials): Promise<number> {
  const response = await askToken(origin, credentials)
  await response.arrayBuffer()
  return response.status
}

/** A token of this client. Rejects where it gets none. */
export async function tokenOf(origin: string, credentials: Credentials): Promise<string> {
  const response = await askToken(origin, credentials)
  if (!response.ok) throw new Error(`no token: ${response.status}`)
  return ((await response.json()) as { access_token: string }).access_token
}

/** The keys that a server shows. */
export async function keysOf(origin: string): Promise<JSONWebKeySet> {
  return (await (await fetch(`${origin}/jwks`)).json()) as JSONWebKeySet
}
