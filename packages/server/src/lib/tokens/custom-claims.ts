import { isJsonObject, parseJsonObject, type JsonObject } from '@countersign/protocol'
import type { ClientRecord, ResourceRecord } from '../registry/records.ts'
import { inTime } from '../in-time.ts'
import { ServerError } from '../server-error.ts'
import type { TokenOrder } from './token-issuer.ts'

/**
 * Adds claims to every access token, JWT and opaque alike: what it gives stands beside the claims that
 * the server sets.
 *
 * It may set no claim that says who a token is for, what it is bound to or how long it lives: see
 * `RESERVED_CLAIMS`. Where it fails, gives one of those, or takes too long, no token is issued: the
 * request is answered with 500, and an event of type `request.failed` says why.
 */
export type ClaimsHook = (context: ClaimsContext) => Claims | Promise<Claims>

type Claims = JsonObject | undefined

/** What a token is about to be issued for. */
export interface ClaimsContext {
  readonly clientId: string
  readonly client: ClientRecord
  readonly resource: ResourceRecord
  readonly scope: readonly string[]
}

/** The custom claims of a token; a promise only where the hook gives one. */
export type CustomClaims = (order: TokenOrder) => Claims | Promise<Claims>

/** Longest custom claims, as characters of JSON: the token has to fit into a header. */
const MAX_CUSTOM_CLAIMS = 4096

/** Claims that a hook may not set. Source: RFC 7519, 7662, 7800, 8693, 9068 and 9396, and our own. */
export const RESERVED_CLAIMS: readonly string[] = Object.freeze([
  'iss',
  'sub',
  'aud',
  'exp',
  'nbf',
  'iat',
  'jti',
  'client_id',
  'scope',
  'cnf',
  'authorization_details',
  'credential_id',
  'act',
  'may_act',
  'active',
  'token_type',
  'username',
  'auth_time',
  'acr',
  'amr',
  'sid',
])

/** The custom claims out of a hook; none without one. `timeout` in milliseconds. */
export function customClaims(hook: ClaimsHook | undefined, timeout: number): CustomClaims {
  if (hook === undefined) return () => undefined
  return ({ client, decision }) => {
    const { client: record } = client.registered
    const { resource, scope } = decision
    let given: unknown
    try {
      given = hook({ clientId: record.clientId, client: record, resource, scope })
    } catch (cause) {
      throw new ServerError('ERR_CLAIMS', 'the claims hook threw', { cause })
    }
    return isThenable(given) ? promised(given, timeout).then(checked) : checked(given)
  }
}

/** Read once, through its JSON: what is checked is what will be signed, whatever the object does. */
function checked(given: unknown): Claims {
  if (given === undefined) return undefined
  const text = isJsonObject(given) ? stringify(given) : undefined
  if (text === undefined) {
    throw new ServerError('ERR_CLAIMS', 'the claims hook gave something other than a JSON object')
  }
  if (text.length > MAX_CUSTOM_CLAIMS) {
    throw new ServerError(
      'ERR_CLAIMS',
      `the claims hook gave more than ${MAX_CUSTOM_CLAIMS} characters of JSON`,
    )
  }
  const claims = parseJsonObject(text)
  if (!claims.ok) throw new ServerError('ERR_CLAIMS', 'the claims hook gave no usable JSON object')
  const reserved = RESERVED_CLAIMS.find((name) => Object.hasOwn(claims.value, name))
  if (reserved === undefined) return claims.value
  throw new ServerError('ERR_CLAIMS', `the claims hook gave '${reserved}', which the server sets`)
}

function stringify(value: object): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { readonly then?: unknown } | undefined | null)?.then === 'function'
}

async function promised(given: PromiseLike<unknown>, timeout: number): Promise<unknown> {
  try {
    return await inTime(
      given,
      timeout,
      () => new ServerError('ERR_CLAIMS', `the claims hook took longer than ${timeout} ms`),
    )
  } catch (cause) {
    if (cause instanceof ServerError) throw cause
    throw new ServerError('ERR_CLAIMS', 'the claims hook rejected', { cause })
  }
}
