import {
  formatBase64url,
  parseBase64url,
  parsed,
  parseJsonObject,
  unparsed,
  type JsonObject,
  type Parsed,
} from '@countersign/protocol'
import type { AccessToken, AccessTokenInit } from '../access-token.ts'
import type { StoreKey } from './store-key-ring.ts'

/** What a token needs to be a token elsewhere; what binds and presents it stays with each client. */
export type SharedToken = Omit<AccessTokenInit, 'senderConstraint' | 'presentation'>

/** A token out of a store, and the writer's clock at that time. */
export interface OpenedToken {
  readonly token: SharedToken
  readonly writtenAt: number
}

/** Longest text that is kept or opened, in characters. */
export const MAX_SEALED_TOKEN = 65_536

const VERSION = 'v1'
const NONCE_BYTES = 12

/**
 * Encrypts a token for the store, for one cache key: under another it does not open.
 *
 * Shape: `v1.`, the key's id, `.`, base64url of 12 bytes nonce and the AES-256-GCM text of a JSON
 * object: `value`, `type`, `obtainedAt`, `expiresAt`, `refreshAt`, `scope`, `writtenAt`.
 */
export async function sealToken(
  { id, sealing }: StoreKey,
  token: AccessToken,
  { cacheKey, writtenAt }: { readonly cacheKey: string; readonly writtenAt: number },
): Promise<string> {
  const { value, type, obtainedAt, expiresAt, refreshAt, scope } = token
  const text = JSON.stringify({ value, type, obtainedAt, expiresAt, refreshAt, scope, writtenAt })
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
  const algorithm = { name: 'AES-GCM', iv, additionalData: boundTo(id, cacheKey) }
  const sealed = await crypto.subtle.encrypt(algorithm, sealing, new TextEncoder().encode(text))
  const bytes = new Uint8Array(NONCE_BYTES + sealed.byteLength)
  bytes.set(iv)
  bytes.set(new Uint8Array(sealed), NONCE_BYTES)
  return `${VERSION}.${id}.${formatBase64url(bytes)}`
}

/** Opens what {@link sealToken} made; the reason where it does not open. Never rejects. */
export async function openToken(
  ring: readonly StoreKey[],
  text: string,
  cacheKey: string,
): Promise<Parsed<OpenedToken>> {
  if (text.length > MAX_SEALED_TOKEN) return unparsed('entry', 'is too long')
  const match = /^v1\.([A-Za-z0-9_-]{11})\.([A-Za-z0-9_-]+)$/.exec(text)
  const bytes = parseBase64url(match?.[2] ?? '')
  if (match === null || bytes === undefined) return unparsed('entry', 'is not in a known form')
  const key = ring.find(({ id }) => id === match[1])
  if (key === undefined) return unparsed('entry', 'is sealed with a key that is not in the ring')
  const iv = bytes.subarray(0, NONCE_BYTES)
  const algorithm = { name: 'AES-GCM', iv, additionalData: boundTo(key.id, cacheKey) }
  let open: ArrayBuffer
  try {
    open = await crypto.subtle.decrypt(algorithm, key.sealing, bytes.subarray(NONCE_BYTES))
  } catch {
    return unparsed('entry', 'does not open: it was changed, or belongs to another key')
  }
  const json = parseJsonObject(new TextDecoder().decode(open))
  return json.ok ? readToken(json.value) : unparsed('entry', 'holds no token')
}

function boundTo(id: string, cacheKey: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`countersign token ${VERSION}\n${id}\n${cacheKey}`)
}

function readToken(json: JsonObject): Parsed<OpenedToken> {
  const { value, type, obtainedAt, expiresAt, refreshAt, scope, writtenAt } = json
  const isToken =
    typeof value === 'string' &&
    value !== '' &&
    (type === 'Bearer' || type === 'DPoP') &&
    typeof obtainedAt === 'number' &&
    typeof writtenAt === 'number' &&
    isOptionalNumber(expiresAt) &&
    isOptionalNumber(refreshAt) &&
    Array.isArray(scope) &&
    scope.every((one) => typeof one === 'string')
  if (!isToken) return unparsed('entry', 'holds no token')
  return parsed({
    token: { value, type, obtainedAt, expiresAt, refreshAt, scope },
    writtenAt,
  })
}

function isOptionalNumber(value: unknown): value is number | undefined {
  return value === undefined || typeof value === 'number'
}
