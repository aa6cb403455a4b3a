import { startAuthorizationServer, type RunningAuthorizationServer } from '@countersign/testkit'
import { proofMint, type ProofMint } from '@countersign/testkit/contracts'
import { requestToken } from './token-requests.ts'

/** The API whose tokens are signed with ES256, as ours are by default. */
export const EC_API = 'https://ec.example.test/orders'
/** The API whose tokens are signed with RS256. */
export const RSA_API = 'https://rsa.example.test/orders'
const OTHER_API = 'https://other.example.test/orders'

/** Tokens of our server that a guard of somebody else is to judge by what each is. */
export interface PresentedTokens {
  /** For the API, with `orders:read`. */
  readonly good: string
  /** The good one with its scope changed and its signature kept. */
  readonly tampered: string
  readonly 'without the scope': string
  readonly 'for another API': string
  /** Signed with the same key, in the name of another issuer. */
  readonly 'of another issuer': string
  readonly expired: string
  /** Bound to {@link OurIssuer.key}. */
  readonly bound: string
}

/** Our server, for guards of others. */
export interface OurIssuer extends AsyncDisposable {
  readonly running: RunningAuthorizationServer
  readonly issuer: string
  readonly key: ProofMint
  readonly tokens: Readonly<Record<typeof EC_API | typeof RSA_API, PresentedTokens>>
}

const HOUR = 3_600_000
const LIFETIME_SECONDS = 1800

/** Starts our server with both APIs and gets the tokens for each. */
export async function startOurIssuer(): Promise<OurIssuer> {
  const scopes = ['orders:read', 'orders:write']
  const resources = [
    { resource: EC_API, scopes, tokenLifetimeSeconds: LIFETIME_SECONDS },
    {
      resource: RSA_API,
      scopes,
      signingAlgorithm: 'RS256',
      tokenLifetimeSeconds: LIFETIME_SECONDS,
    },
    { resource: OTHER_API, scopes },
  ] as const
  // An hour late at first, so that what it issues then has expired when it is shown.
  let late = HOUR
  const now = (): number => Date.now() - late
  const clients = ['billing', 'gateway'].map((clientId) => ({
    clientId,
    grants: resources.map(({ resource }) => ({ resource, scopes })),
  }))
  const running = await startAuthorizationServer({ resources, clients, now })
  // A client has to be there before it can be named.
  const introspectionClients = ['gateway']
  await running.administration.updateResource({ resource: RSA_API, introspectionClients })
  await running.server.refresh()
  const scope = 'orders:read'
  const expired = {
    [EC_API]: await requestToken(running, { resource: EC_API, scope }),
    [RSA_API]: await requestToken(running, { resource: RSA_API, scope }),
  }
  late = 0
  const { store, masterKeys, client } = running
  await using other = await startAuthorizationServer({ store, masterKeys, resources, clients })
  const key = proofMint()

  async function tokensFor(resource: typeof EC_API | typeof RSA_API): Promise<PresentedTokens> {
    const good = await requestToken(running, { resource, scope })
    const elsewhere = { tokenEndpoint: other.tokenEndpoint, client }
    return {
      good,
      tampered: tampered(good),
      'without the scope': await requestToken(running, { resource, scope: 'orders:write' }),
      'for another API': await requestToken(running, { resource: OTHER_API, scope }),
      'of another issuer': await requestToken(elsewhere, { resource, scope }),
      expired: expired[resource],
      bound: await requestToken(running, { resource, scope, key }),
    }
  }

  const tokens = { [EC_API]: await tokensFor(EC_API), [RSA_API]: await tokensFor(RSA_API) }
  return {
    running,
    issuer: running.issuer,
    key,
    tokens,
    [Symbol.asyncDispose]: () => running.close(),
  }
}

function tampered(token: string): string {
  const [header, payload = '', signature] = token.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
  const changed = Buffer.from(JSON.stringify({ ...claims, scope: 'orders:read orders:admin' }))
  return [header, changed.toString('base64url'), signature].join('.')
}

/** The statuses that an API answers with: to no token, and to each of the others as a bearer token. */
export async function statusesAt(
  url: string,
  tokens: PresentedTokens,
): Promise<Readonly<Record<string, number>>> {
  const statuses: Record<string, number> = { none: (await fetch(url)).status }
  for (const [name, token] of Object.entries(tokens)) {
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
    await response.arrayBuffer()
    statuses[name] = response.status
  }
  return statuses
}
