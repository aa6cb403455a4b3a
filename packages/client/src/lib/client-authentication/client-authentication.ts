/** What a client authentication method adds to a token request. */
export interface AuthenticatedRequest {
  readonly headers: Readonly<Record<string, string>>
  /** Form parameters, in order; they come after those of the grant. */
  readonly parameters: readonly (readonly [name: string, value: string])[]
  /** Whether servers may read these credentials differently, so that a refusal can be due to that. */
  readonly encodingMatters: boolean
}

/**
 * Proves who the client is: called afresh for each request, so that whatever may be used only once
 * is made only once.
 */
export type ClientAuthentication = () => Promise<AuthenticatedRequest>
