import { optionalNumber } from '@countersign/protocol'
import { CredentialError } from '../errors/token-error.ts'
import { deadline } from '../http/deadline.ts'

/** An option `timeout` for one reading, in milliseconds. Default 10 000. */
export function readingTimeout(caller: string, value: unknown): number {
  return optionalNumber(caller, 'timeout', value, { fallback: 10_000, min: 1, max: 600_000 })
}

/**
 * What a cloud's official client gives, within a deadline: such clients try again by themselves, for
 * minutes, while callers wait for a token. `what` names the secret in messages.
 *
 * Throws: `ERR_CREDENTIAL`. Of what the client threw only its short name and its status are taken:
 * such errors hang requests, answers and headers on themselves.
 */
export async function askSecretManager<T>(
  what: string,
  timeout: number,
  ask: () => Promise<T>,
): Promise<T> {
  const { signal, clear } = deadline(timeout)
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(tooLate(what, timeout)), { once: true })
  })
  try {
    return await Promise.race([late, asked(what, ask)])
  } finally {
    clear()
  }
}

async function asked<T>(what: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (thrown) {
    throw failure(what, thrown)
  }
}

function tooLate(what: string, timeout: number): CredentialError {
  return new CredentialError('ERR_CREDENTIAL', `${what} did not come within ${timeout} ms`, {
    phase: 'credential',
    retryable: true,
  })
}

function failure(what: string, thrown: unknown): CredentialError {
  const error = (typeof thrown === 'object' ? thrown : undefined) as ForeignError | undefined
  const name = [error?.code, error?.name].find(isShortName)
  const status = [error?.$metadata?.httpStatusCode, error?.statusCode].find(isHttpStatus)
  return new CredentialError(
    'ERR_CREDENTIAL',
    `${what} could not be read${name === undefined ? '' : ` (${name})`}`,
    {
      phase: 'credential',
      status,
      retryable: isPassing(status, error?.code),
      hint: 'Check its name, and that this process may read it',
    },
  )
}

/** Where the official clients put what went wrong: AWS, Azure, Google. */
interface ForeignError {
  readonly name?: unknown
  readonly code?: unknown
  readonly statusCode?: unknown
  readonly $metadata?: { readonly httpStatusCode?: unknown }
}

/** Google's numbers for a call that may go well the next time. Source: google.rpc.Code. */
const PASSING_RPC_CODES: readonly unknown[] = [4, 8, 14]

/** System errors, and Azure's word for them. */
const NETWORK_CODES = /^(E[A-Z_]+|REQUEST_SEND_ERROR)$/

function isPassing(status: number | undefined, code: unknown): boolean {
  if (status !== undefined) return status >= 500 || status === 429 || status === 408
  return PASSING_RPC_CODES.includes(code) || NETWORK_CODES.test(String(code))
}

function isShortName(value: unknown): value is string | number {
  return (
    (typeof value === 'string' && /^[A-Za-z_]{1,64}$/.test(value) && value !== 'Error') ||
    (typeof value === 'number' && Number.isInteger(value))
  )
}

function isHttpStatus(value: unknown): value is number {
  return typeof value === 'number' && value >= 100 && value <= 599
}
