import { ArgumentError, optionalString, parseSecureUrl } from '@countersign/protocol'

/** The option as a URL, https or of this machine. Throws: `ArgumentError`. */
export function readUrl(caller: string, name: string, value: unknown): string | undefined {
  const text = optionalString(caller, name, value)
  if (text === undefined) return undefined
  const url = parseSecureUrl(name, text)
  if (url.ok) return url.value.href
  throw new ArgumentError('ERR_ARGUMENT_VALUE', name, `${caller}: '${name}' ${url.reason}`)
}
