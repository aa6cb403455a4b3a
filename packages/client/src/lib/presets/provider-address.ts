import { ArgumentError, parseSecureUrl, requiredString } from '@countersign/protocol'

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i
/** A last label that begins with a letter: `127.1` and `0x7f.1` are addresses, and no names. */
const LAST_LABEL = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/i

/**
 * An option that is a host name and nothing more: no scheme, port, path or user.
 *
 * Whatever it holds becomes the host of an https address letter by letter, so a crafted one cannot
 * make another host of it.
 */
export function hostName(caller: string, option: string, value: unknown, example: string): string {
  const text = requiredString(caller, option, value)
  const labels = text.split('.')
  const valid =
    text.length <= 253 &&
    labels.length > 1 &&
    labels.every((label) => LABEL.test(label)) &&
    LAST_LABEL.test(labels.at(-1) ?? '') &&
    isKept(text)
  if (valid) return text.toLowerCase()
  const message = `${caller}: '${option}' must be a host name such as ${example}, without https:// and path`
  throw new ArgumentError('ERR_ARGUMENT_VALUE', option, message)
}

/** An option that is one part of a host name, such as a tenant: letters, digits and inner hyphens. */
export function hostLabel(caller: string, option: string, value: unknown, example: string): string {
  const text = requiredString(caller, option, value)
  if (LABEL.test(text) && isKept(text)) return text.toLowerCase()
  const message = `${caller}: '${option}' must be one part of a host name, such as ${example}`
  throw new ArgumentError('ERR_ARGUMENT_VALUE', option, message)
}

/** Whether the URL parser keeps a name as it is: it refuses or rewrites some that begin with `xn--`. */
function isKept(name: string): boolean {
  return URL.parse(`https://${name}.example`)?.hostname === `${name.toLowerCase()}.example`
}

/** An option that is one part of a path, such as a realm; encoded, so that it stays one. */
export function pathPart(caller: string, option: string, value: unknown): string {
  const text = requiredString(caller, option, value)
  const valid =
    text.length <= 255 &&
    text.isWellFormed() &&
    !/[/\\\p{Cc}]/u.test(text) &&
    !/^\.{1,2}$/.test(text)
  if (valid) return encodeURIComponent(text)
  const message = `${caller}: '${option}' must be one part of a path, without slashes`
  throw new ArgumentError('ERR_ARGUMENT_VALUE', option, message)
}

/**
 * An option that is the address of a server one runs oneself, such as `https://sso.example.com/auth`;
 * a slash at its end is dropped. Plain http is for loopback addresses only.
 */
export function baseAddress(caller: string, option: string, value: unknown): string {
  const given = requiredString(caller, option, value)
  const url = parseSecureUrl(option, given)
  const reason = url.ok ? undefined : url.reason
  if (reason === undefined && !/[?#]/.test(given)) return given.replace(/\/+$/, '')
  const message = `${caller}: '${option}' ${reason ?? 'must have no query and no fragment'}`
  throw new ArgumentError('ERR_ARGUMENT_VALUE', option, message)
}

/** An option that is one of a few words. */
export function oneOf<T extends string>(
  caller: string,
  option: string,
  { value, known }: { readonly value: unknown; readonly known: Readonly<Record<T, unknown>> },
): T {
  if (typeof value === 'string' && Object.hasOwn(known, value)) return value as T
  const message = `${caller}: '${option}' must be one of ${Object.keys(known).join(', ')}`
  throw new ArgumentError('ERR_ARGUMENT_VALUE', option, message)
}
