import { parsed, unparsed, type Parsed } from '../parsed.ts'

/** The parameters of a form body, each name with every value it was sent with. */
export type Form = ReadonlyMap<string, readonly string[]>

/**
 * Parses an `application/x-www-form-urlencoded` body. Empty parameters count as absent.
 *
 * Repeats are kept, since only some parameters may repeat (`resource`) and the reader must tell.
 * A broken percent escape is refused rather than guessed. At most `maxParameters` (default 64).
 * Source: RFC 6749 section 3.2 and appendix B.
 */
export function parseForm(text: string, maxParameters = 64): Parsed<Form> {
  const form = new Map<string, string[]>()
  let count = 0
  for (let start = 0; start < text.length;) {
    if (++count > maxParameters) return unparsed('body', 'has too many parameters')
    const end = text.indexOf('&', start)
    const pair = text.slice(start, end === -1 ? undefined : end)
    start = end === -1 ? text.length : end + 1
    const equals = pair.indexOf('=')
    const name = decodeFormText(equals === -1 ? pair : pair.slice(0, equals))
    const value = equals === -1 ? '' : decodeFormText(pair.slice(equals + 1))
    if (name === undefined || value === undefined) {
      return unparsed('body', 'holds a broken percent escape')
    }
    if (name === '' || value === '') continue
    const values = form.get(name)
    if (values === undefined) form.set(name, [value])
    else values.push(value)
  }
  return parsed(form)
}

/** The form body of a list of parameters, in the order given. */
export function formatForm(parameters: Iterable<readonly [name: string, value: string]>): string {
  return new URLSearchParams(Array.from(parameters, ([name, value]) => [name, value])).toString()
}

/**
 * One parameter that may not repeat: its value, or `undefined` where it is absent.
 *
 * Source: RFC 6749 section 3.2 (parameters must not be included more than once).
 */
export function singleParameter(form: Form, name: string): Parsed<string | undefined> {
  const values = form.get(name)
  if (values === undefined) return parsed(undefined)
  if (values.length > 1) return unparsed(name, 'was sent more than once')
  return parsed(values[0])
}

/** Undoes form encoding of one name or value; `undefined` for a broken escape or broken UTF-8. */
export function decodeFormText(text: string): string | undefined {
  if (!/[%+]/.test(text)) return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
