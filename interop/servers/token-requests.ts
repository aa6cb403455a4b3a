import type { ProofMint } from '@countersign/testkit/contracts'

/** Who asks where. */
export interface TokenRequester {
  readonly tokenEndpoint: string
  readonly client: { readonly clientId: string; readonly clientSecret: string }
}

/** What is asked for. */
export interface TokenWish {
  readonly resource: string
  readonly scope?: string
  /** The key that the token shall be bound to. */
  readonly key?: ProofMint
  /** The clock of the proof, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/** A token got by hand, for tests that show it to others than it is for. */
export async function requestToken(
  { tokenEndpoint, client }: TokenRequester,
  { resource, scope, key, now = Date.now }: TokenWish,
): Promise<string> {
  const claims = { htm: 'POST', ath: undefined }
  const response = await fetch(tokenEndpoint, {
    method: 'POST',
    headers: {
      authorization: `Basic ${btoa(`${client.clientId}:${client.clientSecret}`)}`,
      ...(key && { dpop: key.proof(tokenEndpoint, '', now(), { claims }) }),
    },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      resource,
      ...(scope !== undefined && { scope }),
    }),
  })
  if (!response.ok) throw new Error(`no token for ${resource}: ${response.status}`)
  const { access_token: token } = (await response.json()) as { access_token: string }
  return token
}
