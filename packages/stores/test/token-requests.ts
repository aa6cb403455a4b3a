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

/** Makes so many clients, who all may read orders. */
export async function makeClients(
  administration: Administration,
  count: number,
): Promise<readonly Credentials[]> {
  await administration.createResource({ resource: ORDERS, scopes: ['orders:read'] })
  const clients: Credentials[] = []
  for (let index = 0; index < count; index++) {
    const clientId = `client-${index}`
    const { secret } = await administration.createClient({ clientId })
    await administration.grant({ clientId, resource: ORDERS, scopes: ['orders:read'] })
    clients.push({ clientId, clientSecret: secret.reveal() })
  }
  return clients
}

function post(
  url: string,
  { clientId, clientSecret }: Credentials,
  form: Readonly<Record<string, string>>,
): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
    body: new URLSearchParams(form),
  })
}

function askToken(origin: string, credentials: Credentials, scope?: string): Promise<Response> {
  const form = { grant_type: 'client_credentials', ...(scope !== undefined && { scope }) }
  return post(`${origin}/token`, credentials, form)
}

/** Ends a token. Rejects where it is not confirmed. */
export async function revoke(
  origin: string,
  credentials: Credentials,
  token: string,
): Promise<void> {
  const response = await post(`${origin}/revoke`, credentials, { token })
  await response.arrayBuffer()
  if (!response.ok) throw new Error(`not revoked: ${response.status}`)
}

/** Asks for what the client may not have, and gives the identifier of the refusal. */
export async function refusalOf(origin: string, credentials: Credentials): Promise<string> {
  const response = await askToken(origin, credentials, 'orders:everything')
  await response.arrayBuffer()
  const id = response.headers.get('correlation-id')
  if (response.status !== 400 || id === null) throw new Error(`no refusal: ${response.status}`)
  return id
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
