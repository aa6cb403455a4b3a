/** Where the endpoints of a server are. */
export interface EndpointUrls {
  readonly token: string
  readonly introspection: string
  readonly revocation: string
  readonly revocationFeed: string
  readonly usage: string
  readonly live: string
  readonly ready: string
  readonly jwks: string
}

/** The endpoints below an issuer. */
export function endpointUrls(issuer: string): EndpointUrls {
  const base = issuer.replace(/\/$/, '')
  return {
    token: `${base}/token`,
    introspection: `${base}/introspect`,
    revocation: `${base}/revoke`,
    revocationFeed: `${base}/revocations`,
    usage: `${base}/usage`,
    live: `${base}/health/live`,
    ready: `${base}/health/ready`,
    jwks: `${base}/jwks`,
  }
}

/** The same endpoints below an issuer at another origin. */
export function endpointUrlsAt(origin: string, issuer: string): EndpointUrls {
  return endpointUrls(origin + new URL(issuer).pathname)
}
