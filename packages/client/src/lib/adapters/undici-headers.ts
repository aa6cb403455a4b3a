import { ArgumentError } from '@countersign/protocol'

/** Headers in the forms that undici takes: an object, a flat list, pairs. */
export type UndiciHeaders =
  | Readonly<Record<string, unknown>>
  | readonly string[]
  | Iterable<readonly [string, unknown]>
  | null
  | undefined

/**
 * `headers` with one more, in the form they came in; the original is left as it is.
 *
 * Throws: `ArgumentError` where the header is there already: one of two tokens would be sent.
 */
export function headersWith(headers: UndiciHeaders, name: string, value: string): UndiciHeaders {
  if (headers === undefined || headers === null) return { [name]: value }
  if (isList(headers)) {
    for (let at = 0; at < headers.length; at += 2) refuseSame(headers[at], name)
    return [...headers, name, value]
  }
  if (isPairs(headers)) {
    const pairs = [...headers]
    for (const [given] of pairs) refuseSame(given, name)
    // A list would be taken for a flat one.
    return new Set<readonly [string, unknown]>([...pairs, [name, value]])
  }
  for (const given of Object.keys(headers)) refuseSame(given, name)
  return { ...headers, [name]: value }
}

function isList(headers: object): headers is readonly string[] {
  return Array.isArray(headers)
}

function isPairs(headers: object): headers is Iterable<readonly [string, unknown]> {
  return Symbol.iterator in headers
}

function refuseSame(given: unknown, name: string): void {
  if (String(given).length !== name.length || String(given).toLowerCase() !== name) return
  const message = `tokenInterceptor: the call brings a '${name}' header of its own; remove it`
  throw new ArgumentError('ERR_ARGUMENT_VALUE', `headers.${name}`, message)
}
