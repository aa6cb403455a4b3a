import type { Principal } from '../verdict/principal.ts'
import type { Allowed, VerifiedToken } from '../verdict/verdict.ts'

/**
 * Who is calling, as the MCP SDK hands it to tools: `extra.authInfo`. It is an `AuthInfo` of the SDK.
 */
export interface GuardedAuthInfo<Caller extends Principal = Principal> {
  /**
   * Empty. Nothing after the guard needs the token, and a server must not pass it on.
   *
   * Source: MCP authorization 2025-11-25, "Access Token Privilege Restriction".
   */
  token: string
  clientId: string
  scopes: string[]
  /** Whole seconds since the epoch. */
  expiresAt: number
  /** This server, where the token is for it alone. */
  resource?: URL
  extra: {
    readonly principal: Caller
    readonly token: VerifiedToken
  }
}

/**
 * What a guard let through as an `AuthInfo` of the MCP SDK, for transports that take one, such as
 * `WebStandardStreamableHTTPServerTransport.handleRequest(request, { authInfo })`.
 */
export function authInfo<Caller extends Principal>({
  principal,
  token,
}: Allowed<Caller>): GuardedAuthInfo<Caller> {
  const { audience, expiresAt } = token
  const [first] = audience
  const resource =
    audience.length === 1 && first !== undefined ? (URL.parse(first) ?? undefined) : undefined
  return {
    token: '',
    clientId: principal.clientId,
    scopes: [...principal.scopes],
    expiresAt: Math.floor(expiresAt / 1000),
    ...(resource && { resource }),
    extra: { principal, token },
  }
}
