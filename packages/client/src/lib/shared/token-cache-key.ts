import { storeKeyRing, storeName, type StoreKey } from '@countersign/protocol'
import { askedToken, variationKey, type AskedToken } from '../grants/token-variation.ts'
import type { TokenVariation } from '../token-source.ts'

/** Whose token it is: everything about the client that makes for another token. */
export interface TokenOwner {
  readonly issuer?: string | undefined
  readonly tokenEndpoint?: string | undefined
  readonly clientId: string
  /** How the client authenticates, such as `client_secret_basic`. */
  readonly authMethod: string
  /** Changes when the credential does and does not give it away: `ClientAuthentication.fingerprint()`. */
  readonly credential: string
  /** Names the key that tokens are bound to: `SenderConstraint.binding()`. None for bearer tokens. */
  readonly binding?: string | undefined
  /** Where it is not `client_credentials`. */
  readonly grantType?: string | undefined
}

/** All that tells one token from another. */
export interface TokenKeyParts extends TokenOwner, TokenVariation {}

/**
 * The name under which a token is kept in a shared store: HMAC-SHA-256 in base64url.
 *
 * It differs whenever a part does, save for what makes no difference: the order of scopes and
 * resources, repeats among them, and the order of members in JSON. The first of `keys` makes it, so
 * whoever reads the store learns nothing of the parts.
 *
 * Throws: `ArgumentError`.
 */
export async function tokenCacheKey(
  parts: TokenKeyParts,
  keys: readonly (string | Uint8Array)[],
): Promise<string> {
  const [key] = await storeKeyRing('tokenCacheKey', keys, 'token')()
  if (key === undefined) throw new TypeError('a key ring without keys')
  return cacheKey(key, parts, askedToken('tokenCacheKey', parts))
}

/** {@link tokenCacheKey} for parts that have been checked already. */
export async function cacheKey(
  key: StoreKey,
  owner: TokenOwner,
  asked: AskedToken,
): Promise<string> {
  return storeName(key, canonicalParts(owner, asked))
}

/** Counted here so that entries of another form are never looked for. */
const FORMAT = 'countersign token 1'

/**
 * One text for one set of parts. Each is preceded by its name and length, and written as JSON, which
 * escapes what UTF-8 cannot hold: no two sets have one text.
 */
function canonicalParts(owner: TokenOwner, asked: AskedToken): string {
  const { issuer, tokenEndpoint, clientId, authMethod, credential, binding, grantType } = owner
  const parts = {
    issuer,
    tokenEndpoint,
    clientId,
    authMethod,
    credential,
    binding,
    grantType,
    asked: variationKey(asked),
  }
  const written = Object.entries(parts).map(([name, part]) => {
    const json = JSON.stringify(part ?? null)
    return `${name} ${json.length}:${json}`
  })
  return [FORMAT, ...written].join('\n')
}
