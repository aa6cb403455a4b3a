import { ArgumentError, requiredString } from '@countersign/protocol'

/** An identifier of at most `most` characters. Throws: `ArgumentError`, naming the argument. */
export function requiredIdentifier(
  caller: string,
  name: string,
  value: string,
  most: number,
): string {
  const id = requiredString(caller, name, value)
  if (id.length <= most) return id
  throw new ArgumentError(
    'ERR_ARGUMENT_VALUE',
    name,
    `${caller}: '${name}' must have at most ${most} characters`,
  )
}
