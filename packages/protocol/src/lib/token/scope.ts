import { parsed, unparsed, type Parsed } from '../parsed.ts'

declare const scopeToken: unique symbol
/** One scope, such as `orders:read`. Case matters. */
export type ScopeToken = string & { readonly [scopeToken]: true }

/** Whether `text` can be one scope: printable ASCII without blank, quote or backslash. */
export function isScopeToken(text: unknown): text is ScopeToken {
  return typeof text === 'string' && /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text)
}

/**
 * Parses a `scope` value into its scopes, repeats dropped, order kept. The empty text is no scope.
 *
 * More than one blank between scopes is accepted, since servers send it; any other white space is
 * not. Source: RFC 6749 section 3.3.
 */
export function parseScope(text: unknown): Parsed<readonly ScopeToken[]> {
  if (typeof text !== 'string') return unparsed('scope', 'must be a string')
  const scopes = new Set<ScopeToken>()
  for (const part of text.split(' ')) {
    if (part === '') continue
    if (!isScopeToken(part)) return unparsed('scope', 'holds a character that no scope may have')
    scopes.add(part)
  }
  return parsed([...scopes])
}

/** The `scope` value of a list of scopes: separated by one blank. */
export function formatScope(scopes: readonly string[]): string {
  return scopes.join(' ')
}
