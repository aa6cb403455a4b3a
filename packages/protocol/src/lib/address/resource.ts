import { parsed, unparsed, type Parsed } from '../parsed.ts'

declare const resource: unique symbol
/** A resource indicator: the absolute URI of an API, compared as a plain string. */
export type Resource = string & { readonly [resource]: true }

/**
 * Parses a resource indicator: an absolute URI without a fragment, at most 2,048 characters.
 *
 * Any scheme is allowed (`urn:` included): a resource is a name, nothing is fetched from it.
 * Source: RFC 8707 section 2.
 */
export function parseResource(text: unknown): Parsed<Resource> {
  if (typeof text !== 'string') return unparsed('resource', 'must be a string')
  if (text.length > 2048) return unparsed('resource', 'is longer than 2048 characters')
  if (!/^[\x21-\x7e]+$/.test(text) || URL.parse(text) === null) {
    return unparsed('resource', 'must be an absolute URI')
  }
  if (text.includes('#')) return unparsed('resource', 'must have no fragment')
  return parsed(text as Resource)
}
