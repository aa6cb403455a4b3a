import { parsed, unparsed, type Parsed } from '../parsed.ts'
import { parseSecureUrl } from './secure-url.ts'

declare const brand: unique symbol
/** An issuer identifier, kept letter by letter as it was given: issuers compare as plain strings. */
export type Issuer = string & { readonly [brand]: true }

/**
 * Parses an issuer identifier: an https URL with no query and no fragment (http on loopback only).
 *
 * The text is not normalised: `https://as.example` and `https://as.example/` are two issuers.
 * Source: RFC 8414 section 2; RFC 9207 section 2.4 for the comparison.
 */
export function parseIssuer(text: unknown): Parsed<Issuer> {
  const url = parseSecureUrl('issuer', text)
  if (!url.ok) return url
  if (url.value.search !== '' || url.value.hash !== '' || /[?#]/.test(text as string)) {
    return unparsed('issuer', 'must have no query and no fragment')
  }
  return parsed(text as Issuer)
}

/**
 * Where an issuer publishes its metadata, in the order to try: RFC 8414, then the two OpenID places.
 *
 * Source: RFC 8414 sections 3 and 3.1 (the well-known part goes between host and path, after a
 * trailing slash is dropped); OpenID Connect Discovery 1.0 section 4 (it is appended).
 */
export function metadataUrls(issuer: Issuer): readonly string[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  const urls = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ]
  return [...new Set(urls)]
}
