import { isJsonObject, parseJsonObject, type JsonObject } from '@countersign/protocol'
import { CredentialError } from '../errors/token-error.ts'
import { boundedAnswer } from '../http/bounded-answer.ts'
import type { FetchFunction } from '../http/fetch-function.ts'
import { parseRetryAfter } from '../http/retry-after.ts'

/** How a Vault is reached. */
export interface VaultConnection {
  readonly address: URL
  readonly namespace: string | undefined
  readonly fetch: FetchFunction
  /** Milliseconds for one exchange. */
  readonly timeout: number
  readonly now: () => number
}

/** One call of Vault's HTTP API. */
export interface VaultCall {
  /** What the call is for: opens the message of its failure. */
  readonly purpose: string
  /** Below `/v1/`, each part encoded already. */
  readonly path: string
  readonly token?: string
  /** With a body the call is a POST. */
  readonly body?: JsonObject
}

/** An answer that Vault gave: the JSON of a success, or the status of a refusal. */
export type VaultAnswer =
  | { readonly ok: true; readonly json: JsonObject }
  | { readonly ok: false; readonly status: number }

/**
 * One exchange with a Vault. 400, 403 and 404 are answers; everything else that is no success throws.
 *
 * Redirects are refused, since the token would go with them: give the address of the active node, or
 * of a load balancer. Source: Vault HTTP API, "HTTP status codes" and "The X-Vault-Request header".
 */
export async function vaultExchange(
  { address, namespace, fetch, timeout, now }: VaultConnection,
  { purpose, path, token, body }: VaultCall,
): Promise<VaultAnswer> {
  const base = address.pathname.replace(/\/$/, '')
  const { status, headers, text } = await boundedAnswer(
    new URL(`${base}/v1/${path}`, address),
    {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        accept: 'application/json',
        'x-vault-request': 'true',
        ...(token !== undefined && { 'x-vault-token': token }),
        ...(namespace !== undefined && { 'x-vault-namespace': namespace }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    },
    { fetch, timeout, phase: 'credential' },
  )
  if (status === 400 || status === 403 || status === 404) return { ok: false, status }
  const json = status === 200 ? parseJsonObject(text) : undefined
  if (json?.ok === true) return { ok: true, json: json.value }
  throw new CredentialError(
    'ERR_CREDENTIAL',
    `Vault at ${address.origin} answered ${status} to ${purpose}`,
    {
      phase: 'credential',
      status,
      // 503 is a sealed or standby Vault, 472 and 473 are replication standbys.
      retryable: status >= 500 || [408, 412, 429, 472, 473].includes(status),
      retryAfter: parseRetryAfter(headers.get('retry-after'), now()),
      hint: status === 503 ? 'It is sealed, or in maintenance' : undefined,
    },
  )
}

/** The member `name` of an answer, where it is an object. */
export function vaultMember(json: JsonObject, name: string): JsonObject | undefined {
  const member = json[name]
  return isJsonObject(member) ? member : undefined
}
