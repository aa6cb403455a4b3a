import { isoTimeOrNull } from './time-in-words.ts'

/** Members that are instants, epoch milliseconds or null, and do not say so by ending in `At`. */
const INSTANTS: readonly string[] = ['notAfter', 'signsFrom']

/**
 * The members of a record of the packages in the form that `--json` has everywhere: names in
 * snake_case, instants in ISO 8601. Values that are objects keep their names.
 */
export function jsonMembers(record: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]: [string, unknown]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      isInstant(name) && typeof value === 'number' ? isoTimeOrNull(value) : value,
    ]),
  )
}

function isInstant(name: string): boolean {
  return INSTANTS.includes(name) || /[a-z]At$/.test(name)
}
