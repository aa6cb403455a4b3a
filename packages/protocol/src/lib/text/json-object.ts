import { parsed, unparsed, type Parsed } from '../parsed.ts'

/** A JSON object whose members have not been looked at yet. */
export type JsonObject = Readonly<Record<string, unknown>>

/**
 * Parses a JSON text that must be an object, nested at most `maxDepth` deep (default 32).
 *
 * The engine's own parse errors quote the text, which may hold a token: they never leave this
 * function. A member called `__proto__` is an ordinary member of the result, never its prototype.
 */
export function parseJsonObject(text: string, maxDepth = 32): Parsed<JsonObject> {
  const json = parseJson(text, maxDepth)
  if (!json.ok) return json
  return isJsonObject(json.value) ? parsed(json.value) : unparsed('body', 'JSON is not an object')
}

/** Parses any JSON text, as {@link parseJsonObject} does an object. */
export function parseJson(text: string, maxDepth: number): Parsed<unknown> {
  if (depthExceeds(text, maxDepth)) return unparsed('body', 'JSON is nested too deep')
  try {
    return parsed(JSON.parse(text) as unknown)
  } catch {
    return unparsed('body', text.trim() === '' ? 'body is empty' : 'body is not JSON')
  }
}

/** Whether `value` is a JSON object: not an array, not null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function depthExceeds(text: string, maxDepth: number): boolean {
  // What opens few brackets at all is told without a look at each character.
  if (opensAtMost(text, maxDepth)) return false
  let depth = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (inString) {
      if (code === BACKSLASH) i++
      else if (code === QUOTE) inString = false
    } else if (code === QUOTE) inString = true
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (++depth > maxDepth) return true
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--
  }
  return false
}

/** Whether it has no more than `most` opening brackets, those within strings counted too. */
function opensAtMost(text: string, most: number): boolean {
  let count = 0
  for (const bracket of '{[') {
    for (let i = text.indexOf(bracket); i !== -1; i = text.indexOf(bracket, i + 1)) {
      if (++count > most) return false
    }
  }
  return true
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
