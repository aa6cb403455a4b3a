import {
  openText,
  parsed,
  parseJsonObject,
  sealText,
  unparsed,
  type JsonObject,
  type Parsed,
  type SealFault,
  type StoreKey,
} from '@countersign/protocol'
import type { AccessToken, AccessTokenInit } from '../access-token.ts'

/** What a token needs to be a token elsewhere; what binds and presents it stays with each client. */
export type SharedToken = Omit<AccessTokenInit, 'senderConstraint' | 'presentation'>

/** A token out of a store, and the writer's clock at that time. */
export interface OpenedToken {
  readonly token: SharedToken
  readonly writtenAt: number
}

const REASONS: Readonly<Record<SealFault, string>> = {
  too_long: 'is too long',
  format: 'is not in a known form',
  unknown_key: 'is sealed with a key that is not in the ring',
  altered: 'does not open: it was changed, or belongs to another key',
}

/**
 * Encrypts a token for the store, for one cache key: under another it does not open.
 *
 * What is sealed is a JSON object: `value`, `type`, `obtainedAt`, `expiresAt`, `refreshAt`, `scope`,
 * `writtenAt`.
 */
export async function sealToken(
  key: StoreKey,
  token: AccessToken,
  { cacheKey, writtenAt }: { readonly cacheKey: string; readonly writtenAt: number },
): Promise<string> {
  const { value, type, obtainedAt, expiresAt, refreshAt, scope } = token
  const text = JSON.stringify({ value, type, obtainedAt, expiresAt, refreshAt, scope, writtenAt })
  return sealText(key, text, cacheKey)
}

/** Opens what {@link sealToken} made; the reason where it does not open. Never rejects. */
export async function openToken(
  ring: readonly StoreKey[],
  text: string,
  cacheKey: string,
): Promise<Parsed<OpenedToken>> {
  const opened = await openText(ring, text, cacheKey)
  if (!opened.ok) return unparsed('entry', REASONS[opened.fault])
  const json = parseJsonObject(opened.text)
  return json.ok ? readToken(json.value) : unparsed('entry', 'holds no token')
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
