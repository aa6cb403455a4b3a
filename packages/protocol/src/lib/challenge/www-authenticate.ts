import { parsed, unparsed, type Parsed } from '../parsed.ts'

/** One challenge of a `WWW-Authenticate` header. */
export interface Challenge {
  /** The scheme as written; compare without case. */
  readonly scheme: string
  /** Parameters by lower-case name. Empty where there are none, or where there is a `token68`. */
  readonly parameters: ReadonlyMap<string, string>
  /** The single value that schemes such as Negotiate use in place of parameters. */
  readonly token68?: string
}

/**
 * Parses the challenges of a `WWW-Authenticate` value, several in one field included.
 *
 * Where a parameter name repeats within a challenge the first counts, so that text added later by
 * somebody else cannot change what the server said. A part that cannot be read ends the parse as a
 * failure: a challenge half understood would be acted on wrongly.
 * Source: RFC 9110 sections 11.2, 11.6.1 and 5.6.4.
 */
export function parseChallenges(header: string): Parsed<readonly Challenge[]> {
  const challenges: { scheme: string; parameters: Map<string, string>; token68?: string }[] = []
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const match = pattern.exec(header)
    if (match !== null) at = pattern.lastIndex
    return match
  }
  while (take(REST) === null) {
    const current = challenges.at(-1)
    const parameter = current?.token68 === undefined ? take(PARAMETER) : null
    if (current !== undefined && parameter !== null) {
      const [, name = '', quoted, token = ''] = parameter
      const key = name.toLowerCase()
      const value = quoted?.replaceAll(/\\([\s\S])/g, '$1') ?? token
      if (!current.parameters.has(key)) current.parameters.set(key, value)
      continue
    }
    const start = parameter === null ? take(SCHEME) : null
    if (start === null) return unparsed('www-authenticate', 'is not a list of challenges')
    const [, scheme = '', token68] = start
    challenges.push({ scheme, parameters: new Map(), ...(token68 !== undefined && { token68 }) })
  }
  return parsed(challenges)
}

/** Nothing more but blanks and commas. */
const REST = /[ \t,]*$/y
/** A name, and its value as a quoted string or as a token, up to the end of the list's element. */
const PARAMETER =
  /[ \t,]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\[\s\S])*)"|([!#$%&'*+\-.^_`|~0-9A-Za-z]+))[ \t]*(?=,|$)/y
/** A scheme: alone, with a token68 up to the end of the element, or before its first parameter. */
const SCHEME =
  /[ \t,]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?:[ \t]*(?=,|$)|[ \t]+(?:([A-Za-z0-9\-._~+/]+=*)[ \t]*(?=,|$)|(?=[!#$%&'*+\-.^_`|~0-9A-Za-z]+[ \t]*=)))/y

/**
 * The `WWW-Authenticate` value of a list of challenges. Parameter values are quoted strings.
 *
 * Throws: `RangeError` for a scheme or name that is no token, or a value with control characters or
 * characters outside ASCII: they could start a header of their own.
 */
export function formatChallenges(challenges: readonly Challenge[]): string {
  return challenges.map(formatChallenge).join(', ')
}

function formatChallenge({ scheme, parameters, token68 }: Challenge): string {
  if (!TOKEN.test(scheme)) throw new RangeError('a challenge scheme must be a token')
  if (token68 !== undefined) {
    if (!TOKEN68.test(token68)) throw new RangeError('a challenge token68 holds other characters')
    return `${scheme} ${token68}`
  }
  const list = Array.from(parameters, ([name, value]) => {
    if (!TOKEN.test(name)) throw new RangeError('a challenge parameter name must be a token')
    if (!/^[\x20-\x7e]*$/.test(value)) {
      throw new RangeError('a challenge parameter value must be printable ASCII')
    }
    return `${name}="${value.replaceAll(/["\\]/g, '\\$&')}"`
  })
  return list.length === 0 ? scheme : `${scheme} ${list.join(', ')}`
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const TOKEN68 = /^[A-Za-z0-9\-._~+/]+=*$/
