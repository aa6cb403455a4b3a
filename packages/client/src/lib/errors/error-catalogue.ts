/** A stable error code: switch on it. */
export type ErrorCode =
  | 'ERR_NETWORK'
  | 'ERR_TIMEOUT'
  | 'ERR_CLOSED'
  | 'ERR_METADATA_NOT_FOUND'
  | 'ERR_METADATA_ISSUER'
  | 'ERR_METADATA_INVALID'
  | 'ERR_CREDENTIAL'
  | 'ERR_AUTH_METHOD'
  | 'ERR_REFUSED'
  | 'ERR_RESPONSE_STATUS'
  | 'ERR_RESPONSE_BODY'
  | 'ERR_RESPONSE_MEMBER'
  | 'ERR_RESPONSE_TOO_LARGE'
  | 'ERR_RESPONSE_REDIRECT'
  | 'ERR_BUDGET'
  | 'ERR_PROOF'
  | 'ERR_STORE'
  | 'ERR_STORE_ENTRY'
  | 'ERR_NO_TOKEN'
  | 'ERR_INSECURE_URL'
  | 'ERR_ORIGIN_NOT_ALLOWED'
  | 'ERR_CROSS_ORIGIN_REDIRECT'
  | 'ERR_TOO_MANY_REDIRECTS'
  | 'ERR_BODY_NOT_REPLAYABLE'
  | 'ERR_PRIVATE_ADDRESS'
  | 'ERR_RESOURCE_METADATA'
  | 'ERR_RESOURCE_MISMATCH'
  | 'ERR_ISSUER_NOT_ALLOWED'

/** What a code means and what to do about it. */
export interface ErrorCatalogueEntry {
  readonly meaning: string
  readonly cure: string
}

/**
 * Every error code of this package, with its meaning and cure. `docs/errors.md` is checked against it.
 */
export const ERROR_CATALOGUE: Readonly<Record<ErrorCode, ErrorCatalogueEntry>> = {
  ERR_NETWORK: {
    meaning: 'The server could not be reached.',
    cure: 'Check the address, DNS, proxy and firewall.',
  },
  ERR_TIMEOUT: {
    meaning: 'The server did not answer within `timeout`.',
    cure: 'Check the server. Raise `timeout` only if it is known to be slow.',
  },
  ERR_CLOSED: {
    meaning: 'The client was closed and asks for no more tokens.',
    cure: 'Call `close()` after the last use, or make another client.',
  },
  ERR_METADATA_NOT_FOUND: {
    meaning: 'The issuer publishes no metadata at any of the well-known places.',
    cure: 'Check `issuer`, or give `tokenEndpoint` if the server has no discovery.',
  },
  ERR_METADATA_ISSUER: {
    meaning: 'The metadata names another issuer than the one asked for.',
    cure: 'Set `issuer` to exactly what the server publishes, trailing slash included.',
  },
  ERR_METADATA_INVALID: {
    meaning: 'The metadata cannot be used: it is not JSON, or a member is missing or wrong.',
    cure: 'Mend it at the server, or give `tokenEndpoint` and `authMethod` by hand.',
  },
  ERR_CREDENTIAL: {
    meaning:
      'The secret, key or assertion of the client could not be read from its source, or used.',
    cure: 'Check the environment variable, file, key or callback: the message says which and why.',
  },
  ERR_AUTH_METHOD: {
    meaning: 'The server offers no client authentication method that this client has.',
    cure: 'Set `authMethod`, or register the client for a secret-based method.',
  },
  ERR_REFUSED: {
    meaning: 'The token endpoint answered with an OAuth error.',
    cure: 'Read `oauth.error`: the hint names the usual cause.',
  },
  ERR_RESPONSE_STATUS: {
    meaning: 'The token endpoint answered with a failure that is not an OAuth error.',
    cure: 'Look at the server, or the proxy before it, and at the HTTP status of its answer.',
  },
  ERR_RESPONSE_BODY: {
    meaning: 'The answer is not a JSON object.',
    cure: 'Check that the address is the token endpoint and not a page.',
  },
  ERR_RESPONSE_MEMBER: {
    meaning: 'A member of the token response is missing or of the wrong kind.',
    cure: 'Report it to the operator of the server: the message names the member.',
  },
  ERR_RESPONSE_TOO_LARGE: {
    meaning: 'The answer is larger than 1 MiB.',
    cure: 'Check that the address is the token endpoint.',
  },
  ERR_RESPONSE_REDIRECT: {
    meaning: 'The token endpoint answered with a redirect, which is never followed.',
    cure: 'Configure the address it redirects to, after checking that it is the right server.',
  },
  ERR_BUDGET: {
    meaning: 'More tokens were asked for within an hour than the budget allows.',
    cure: 'Keep tokens: one client for the whole process. Raise `perHour` only if the need is real.',
  },
  ERR_PROOF: {
    meaning: 'The proof that binds a request to the key of this client could not be made.',
    cure: 'Check the key given to `dpop`, and its KMS. The call was not sent: bound tokens never go alone.',
  },
  ERR_STORE: {
    meaning: 'The shared token store failed or did not answer in time. No call fails by it.',
    cure: 'Check the store. Meanwhile each process asks for tokens of its own.',
  },
  ERR_STORE_ENTRY: {
    meaning: 'A shared token could not be used, or one could not be shared. No call fails by it.',
    cure: 'Check that all processes have the same `keys`, binding and time: the message says which.',
  },
  ERR_NO_TOKEN: {
    meaning: 'The token source gave nothing that can be sent as a token.',
    cure: 'A source must resolve to an `AccessToken` that has not ended.',
  },
  ERR_INSECURE_URL: {
    meaning: 'The call would have carried a token over plain http.',
    cure: 'Use https. Plain http is allowed for loopback addresses only.',
  },
  ERR_ORIGIN_NOT_ALLOWED: {
    meaning: 'The call goes to an origin outside `origins`.',
    cure: 'Add the origin to `origins`, or call it without this fetch.',
  },
  ERR_CROSS_ORIGIN_REDIRECT: {
    meaning: 'The API redirected to another origin, where this token does not belong.',
    cure: "Call the final address itself, or pass `redirect: 'manual'` and follow it without a token.",
  },
  ERR_TOO_MANY_REDIRECTS: {
    meaning: 'The API redirected more than 20 times.',
    cure: 'Look for a redirect loop at the API.',
  },
  ERR_BODY_NOT_REPLAYABLE: {
    meaning: 'A redirect asks for the body again, and the body was a stream.',
    cure: 'Send a body that can be sent twice (a string, bytes, a form), or call the final address.',
  },
  ERR_PRIVATE_ADDRESS: {
    meaning: 'Discovery would have called an address of this machine or of a local network.',
    cure: 'Set `allowPrivateAddresses` if the API is meant to be there; otherwise distrust it.',
  },
  ERR_RESOURCE_METADATA: {
    meaning: 'The API publishes no metadata about itself, or none that can be used.',
    cure: 'Use `createClient` with the issuer by hand, or mend the metadata (RFC 9728) at the API.',
  },
  ERR_RESOURCE_MISMATCH: {
    meaning: 'The metadata of the API speaks of another resource than the address that was given.',
    cure: 'Give exactly the address that the API names for itself, after checking that it is the right one.',
  },
  ERR_ISSUER_NOT_ALLOWED: {
    meaning: 'The API takes tokens of authorization servers only that are not trusted.',
    cure: 'Add the issuer, letter by letter, to the trusted ones if it is to be trusted.',
  },
}
