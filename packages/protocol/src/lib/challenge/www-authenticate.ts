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
  const reader = new Reader(header)
  for (;;) {
    reader.skipCommas()
    if (reader.done) return parsed(challenges)
    const name = reader.token()
    if (name === undefined) return unparsed('www-authenticate', 'is not a list of challenges')
    const current = challenges.at(-1)
    if (current !== undefined && current.token68 === undefined && reader.equalsAhead()) {
      const value = reader.parameterValue()
      if (value === undefined) return unparsed('www-authenticate', 'holds a broken parameter')
      const key = name.toLowerCase()
      if (!current.parameters.has(key)) current.parameters.set(key, value)
      if (!reader.atElementEnd()) return unparsed('www-authenticate', 'holds a broken parameter')
      continue
    }
    const challenge = { scheme: name, parameters: new Map<string, string>() }
    challenges.push(challenge)
    if (reader.atElementEnd()) continue
    if (!reader.skipBlanks()) return unparsed('www-authenticate', 'is not a list of challenges')
    const token68 = reader.token68()
    if (token68 !== undefined) Object.assign(challenge, { token68 })
    else if (!reader.parameterAhead()) {
      return unparsed('www-authenticate', 'holds a broken parameter')
    }
    // Otherwise the first parameter follows its scheme without a comma: the loop reads it next.
  }
}

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

/** Walks a header's value; each method takes what it names or leaves the place unchanged. */
class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  get done(): boolean {
    return this.#at >= this.#text.length
  }

  skipBlanks(): boolean {
    return this.#take(/[ \t]*/y) !== ''
  }

  skipCommas(): void {
    this.#take(/[ \t,]*/y)
  }

  token(): string | undefined {
    return this.#take(/[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y) || undefined
  }

  /** A token68 only counts when the element ends after it; otherwise it is a parameter name. */
  token68(): string | undefined {
    return this.#take(/[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y) || undefined
  }

  equalsAhead(): boolean {
    return this.#peek(/[ \t]*=/y)
  }

  parameterAhead(): boolean {
    return this.#peek(/[!#$%&'*+\-.^_`|~0-9A-Za-z]+[ \t]*=/y)
  }

  parameterValue(): string | undefined {
    this.#take(/[ \t]*=[ \t]*/y)
    const quoted = this.#take(/"(?:[^"\\]|\\[\s\S])*"/y)
    if (quoted !== '') return quoted.slice(1, -1).replaceAll(/\\([\s\S])/g, '$1')
    return this.token()
  }

  atElementEnd(): boolean {
    return this.#peek(/[ \t]*(?:,|$)/y)
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (match === null) return ''
    this.#at = pattern.lastIndex
    return match[0]
  }

  #peek(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at
    return pattern.test(this.#text)
  }
}
