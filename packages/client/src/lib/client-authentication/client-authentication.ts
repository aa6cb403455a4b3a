/** What a client authentication method adds to a token request. */
export interface AuthenticatedRequest {
  readonly headers: Readonly<Record<string, string>>
  /** Form parameters, in order; they come after those of the grant. */
  readonly parameters: readonly (readonly [name: string, value: string])[]
  /** Whether servers may read these credentials differently, so that a refusal can be due to that. */
  readonly encodingMatters?: boolean
}

/** What a method may need to know of the request it authenticates. */
export interface ClientAuthenticationContext {
  readonly clientId: string
  /** The server's issuer identifier, where it is known. */
  readonly issuer: string | undefined
  readonly tokenEndpoint: URL
  /** Now by the server's clock, as far as its answers have taught it; epoch milliseconds. */
  readonly now: () => number
  readonly signal: AbortSignal | undefined
}

/** Proves to a token endpoint who the client is. */
export interface ClientAuthentication {
  /** Its registered name, such as `private_key_jwt`. */
  readonly method: string
  /**
   * The proof for one request, made afresh so that what may be used only once is made only once.
   *
   * `refused` holds the proofs of this exchange that the server has refused. Gives `undefined` when
   * there is no other credential to try.
   */
  authenticate(
    context: ClientAuthenticationContext,
    refused: readonly AuthenticatedRequest[],
  ): Promise<AuthenticatedRequest | undefined>
  /**
   * A text that changes when the credential does, and from which it cannot be found: part of the key
   * under which tokens are kept.
   */
  fingerprint(): Promise<string>
  /** The connection to use, for methods that are proven by it (mutual TLS). */
  readonly fetch?: (input: string | URL | Request, init?: RequestInit) => Promise<Response>
}
