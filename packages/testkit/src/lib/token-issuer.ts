import { startLoopbackServer, type ReceivedRequest } from './loopback-server.ts'
import { tokenMint, type TokenMint, type TokenMintOptions } from './token-mint.ts'

/** What a token issuer has and does. */
export interface TokenIssuerOptions extends Omit<TokenMintOptions, 'issuer' | 'now'> {
  /** Epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/** An issuer whose metadata and keys are published on a loopback port, and whose key the test has. */
export interface TokenIssuer extends AsyncDisposable {
  /** The issuer identifier, such as `http://127.0.0.1:41234`. */
  readonly origin: string
  /** Makes its tokens, honest ones and others. */
  readonly mint: TokenMint
  /** Every request so far. */
  readonly requests: readonly ReceivedRequest[]
  /** Answers everything with 500 from here on, or no longer. */
  breakDown(broken: boolean): void
  close(): Promise<void>
}

/**
 * Starts an issuer that issues nothing: a test makes the tokens. For APIs that are to be tried with good
 * and bad ones; `startAuthorizationServer` is the one for clients.
 */
export async function startTokenIssuer({
  now = Date.now,
  ...options
}: TokenIssuerOptions): Promise<TokenIssuer> {
  let broken = false
  const server = await startLoopbackServer((_, { path }) => {
    if (broken) return new Response(null, { status: 500 })
    if (path === '/jwks') return Response.json(mint.jwks)
    if (!path.startsWith('/.well-known/')) return new Response(null, { status: 404 })
    return Response.json({ issuer: server.origin, jwks_uri: `${server.origin}/jwks` })
  })
  const mint = tokenMint({ ...options, now, issuer: server.origin })
  const { origin, requests, close } = server
  return {
    origin,
    mint,
    requests,
    breakDown(value) {
      broken = value
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
