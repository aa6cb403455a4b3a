import { parseSecureUrl } from '../address/secure-url.ts'
import { ArgumentError } from './argument-error.ts'
import { nearestName } from './nearest-name.ts'

/**
 * Refuses anything that is not an options object with known names.
 *
 * `caller` is the function as the user wrote it: it opens the message. A misspelt option is answered
 * with the nearest known one, because a typo that is silently ignored is a setting that is off.
 *
 * Throws: `ERR_ARGUMENT_MISSING` when there is no object; `ERR_ARGUMENT_TYPE` for another type;
 * `ERR_ARGUMENT_UNKNOWN` for a name outside `names`.
 */
export function assertKnownOptions(
  caller: string,
  options: unknown,
  names: readonly string[],
): asserts options is Record<string, unknown> {
  if (options === undefined || options === null) {
    throw new ArgumentError('ERR_ARGUMENT_MISSING', 'options', `${caller}: options are required`)
  }
  if (typeof options !== 'object' || Array.isArray(options)) {
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'options', `${caller}: options must be an object`)
  }
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue
    const nearest = nearestName(name, names)
    throw new ArgumentError(
      'ERR_ARGUMENT_UNKNOWN',
      name,
      nearest === undefined
        ? `${caller}: unknown option '${name}'; known are ${names.join(', ')}`
        : `${caller}: unknown option '${name}'; did you mean '${nearest}'?`,
    )
  }
}

/** The option `name` as a string that is not empty, or a thrown `ArgumentError`. */
export function requiredString(caller: string, name: string, value: unknown): string {
  if (value === undefined || value === null) {
    throw new ArgumentError('ERR_ARGUMENT_MISSING', name, `${caller}: '${name}' is required`)
  }
  return string(caller, name, value)
}

/** The option `name` as a string that is not empty, `undefined` where it was left out. */
export function optionalString(caller: string, name: string, value: unknown): string | undefined {
  return value === undefined ? undefined : string(caller, name, value)
}

/**
 * The option `name` as a URL that secrets may be sent to, letter by letter as it was given; `undefined`
 * where it was left out.
 */
export function optionalSecureUrl(
  caller: string,
  name: string,
  value: unknown,
): string | undefined {
  const text = optionalString(caller, name, value)
  if (text === undefined) return undefined
  const url = parseSecureUrl(name, text)
  if (url.ok) return text
  throw new ArgumentError('ERR_ARGUMENT_VALUE', name, `${caller}: '${name}' ${url.reason}`)
}

/** The option `name` as a finite number within bounds, `fallback` where it was left out. */
export function optionalNumber(
  caller: string,
  name: string,
  value: unknown,
  { fallback, min, max }: { readonly fallback: number; readonly min: number; readonly max: number },
): number {
  if (value === undefined) return fallback
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    throw new ArgumentError(
      typeof value === 'number' ? 'ERR_ARGUMENT_VALUE' : 'ERR_ARGUMENT_TYPE',
      name,
      `${caller}: '${name}' must be a number from ${min} to ${max}`,
    )
  }
  return value
}

/** The option `name` as a function, `fallback` where it was left out. */
export function optionalFunction<T>(
  caller: string,
  name: string,
  value: T | undefined,
  fallback: T,
): T {
  if (value === undefined) return fallback
  if (typeof value !== 'function') {
    throw new ArgumentError('ERR_ARGUMENT_TYPE', name, `${caller}: '${name}' must be a function`)
  }
  return value
}

function string(caller: string, name: string, value: unknown): string {
  if (typeof value !== 'string') {
    throw new ArgumentError('ERR_ARGUMENT_TYPE', name, `${caller}: '${name}' must be a string`)
  }
  if (value === '') {
    throw new ArgumentError('ERR_ARGUMENT_VALUE', name, `${caller}: '${name}' must not be empty`)
  }
  return value
}
