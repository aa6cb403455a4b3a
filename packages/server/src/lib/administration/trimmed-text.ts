import { ArgumentError, optionalString, requiredString } from '@countersign/protocol'

/**
 * A text that is compared or shown letter by letter. A blank at either end is one that nobody sees and no
 * comparison forgives. Throws: `ArgumentError`.
 */
export function requiredText(caller: string, name: string, value: unknown): string {
  const text = requiredString(caller, name, value)
  if (!hasBlankAtEnd(text)) return text
  const message = `${caller}: '${name}' must not begin or end with a blank`
  throw new ArgumentError('ERR_ARGUMENT_VALUE', name, message)
}

/** The same, or `undefined` where it was left out. */
export function optionalText(caller: string, name: string, value: unknown): string | undefined {
  const text = optionalString(caller, name, value)
  return text === undefined ? undefined : requiredText(caller, name, text)
}

/** Whether a text begins or ends with a blank, a line's end or another space. */
export function hasBlankAtEnd(text: string): boolean {
  return text.trim() !== text
}
