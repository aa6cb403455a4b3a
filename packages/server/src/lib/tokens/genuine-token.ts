import {
  ACCESS_TOKEN_TYPE,
  MAX_COMPACT_JWS,
  parseAccessTokenClaims,
  parseCompactJws,
  type AccessTokenClaims,
} from '@countersign/protocol'
import { publishedKeys } from '../keys/key-schedule.ts'
import type { OwnSignatures } from '../keys/own-signatures.ts'
import type { RegistrySnapshot } from '../registry/snapshot.ts'
import { ServerError } from '../server-error.ts'
import type { OpaqueTokenStore } from '../stores/opaque-token-store.ts'
import { STORE_DEADLINE, within } from '../stores/within.ts'
import { isOpaqueToken, opaqueTokenDigest } from './opaque-token.ts'

/** Why a text is no living token of this server. */
export type ForeignReason =
  | 'malformed'
  | 'wrong_type'
  | 'unknown_key'
  | 'bad_signature'
  | 'wrong_issuer'
  | 'unknown_token'
  | 'expired'
  | 'not_yet_valid'

/** A token as this server made it, or why it is not one. */
export type GenuineToken =
  | {
      readonly genuine: true
      readonly claims: AccessTokenClaims
      /** The key that signed it; `undefined` for an opaque token. */
      readonly kid: string | undefined
    }
  | { readonly genuine: false; readonly reason: ForeignReason }

/** Tells whether a text is a token of this server that has not expired. */
export type TokenReader = (
  token: string,
  snapshot: RegistrySnapshot,
  now: number,
) => Promise<GenuineToken>

/**
 * Reads tokens of this server: a JWT is verified with our own published keys, an opaque token is found
 * by its digest. Nothing a token says is believed before that.
 *
 * Whether the token was revoked is another question: see `tokenEnd`. Rejects with `ERR_STORE` where the
 * store of opaque tokens cannot be asked: "unknown" would be a lie.
 */
export function tokenReader({
  issuer,
  opaqueTokens,
  verify,
}: {
  readonly issuer: string
  readonly opaqueTokens: OpaqueTokenStore
  readonly verify: OwnSignatures
}): TokenReader {
  return async (token, snapshot, now) => {
    if (token.length > MAX_COMPACT_JWS) return foreign('malformed')
    const read = token.includes('.')
      ? await readJwt(token, snapshot, now, verify)
      : await readOpaque(token, opaqueTokens)
    if (!read.genuine) return read
    const { iss, exp, nbf } = read.claims
    if (iss !== issuer) return foreign('wrong_issuer')
    if (exp * 1000 <= now) return foreign('expired')
    if (nbf !== undefined && nbf * 1000 > now) return foreign('not_yet_valid')
    return read
  }
}

async function readJwt(
  token: string,
  snapshot: RegistrySnapshot,
  now: number,
  verify: OwnSignatures,
): Promise<GenuineToken> {
  const jws = parseCompactJws(token)
  if (!jws.ok) return foreign('malformed')
  const { header, payload, signingInput, signature } = jws.value
  if (header.typ !== ACCESS_TOKEN_TYPE) return foreign('wrong_type')
  const record = header.kid === undefined ? undefined : snapshot.signingKeys.get(header.kid)
  if (record === undefined || publishedKeys([record], now).length === 0) {
    return foreign('unknown_key')
  }
  if (header.alg !== record.alg) return foreign('unknown_key')
  if (!(await verify(record, signingInput, signature))) return foreign('bad_signature')
  const claims = parseAccessTokenClaims(payload)
  if (!claims.ok) return foreign('malformed')
  return { genuine: true, claims: claims.value, kid: record.kid }
}

async function readOpaque(token: string, store: OpaqueTokenStore): Promise<GenuineToken> {
  // One that was cut or mistyped is told by its checksum: the store is not asked for it.
  if (!isOpaqueToken(token)) return foreign('malformed')
  let record
  try {
    const asked = store.get(opaqueTokenDigest(token))
    record = await within(asked, STORE_DEADLINE, 'the store of opaque tokens')
  } catch (cause) {
    throw new ServerError('ERR_STORE', 'the store of opaque tokens cannot be read', { cause })
  }
  if (record === undefined) return foreign('unknown_token')
  const claims = parseAccessTokenClaims(record.claims)
  if (!claims.ok) return foreign('malformed')
  return { genuine: true, claims: claims.value, kid: undefined }
}

function foreign(reason: ForeignReason): GenuineToken {
  return { genuine: false, reason }
}
