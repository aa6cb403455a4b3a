import { TokenError } from '../errors/token-error.ts'

/** What was done with the store when it failed. `key` makes the name of the token, before all else. */
export type StoreOperation = 'key' | 'get' | 'lease' | 'replace' | 'release'

/**
 * A shared store, or an entry of it, was of no use. It fails no call: it is told as an event, and the
 * token endpoint is asked instead.
 */
export class StoreError extends TokenError {
  override readonly name = 'StoreError'
  readonly operation: StoreOperation

  constructor(
    code: 'ERR_STORE' | 'ERR_STORE_ENTRY',
    message: string,
    { operation }: { readonly operation: StoreOperation },
  ) {
    super(code, message, { phase: 'store', retryable: code === 'ERR_STORE' })
    this.operation = operation
  }
}

/**
 * What a store rejected with, as an error of this package.
 *
 * The rejection itself is not kept: drivers hang commands and addresses with passwords on theirs. Of
 * it all, only an error code such as `ECONNREFUSED` or `WRONGTYPE` is taken.
 */
export function storeFailure(operation: StoreOperation, rejection: unknown): StoreError {
  if (rejection instanceof StoreError) return rejection
  const code = codeOf(rejection)
  const why = code === undefined ? '' : ` (${code})`
  return new StoreError('ERR_STORE', `the token store failed in ${operation}${why}`, { operation })
}

function codeOf(rejection: unknown): string | undefined {
  if (typeof rejection !== 'object' || rejection === null) return undefined
  const { code, message } = rejection as { code?: unknown; message?: unknown }
  if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,40}$/.test(code)) return code
  // Redis puts its code first in the message.
  return typeof message === 'string' ? /^[A-Z]{4,20}(?= |$)/.exec(message)?.[0] : undefined
}
