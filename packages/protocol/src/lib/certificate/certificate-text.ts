import { parseBase64url } from '../text/base64url.ts'

/** The bytes of a base64 text with its padding; `undefined` for anything else. Source: RFC 4648 section 4. */
export function parseBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 !== 0 || /[-_]/.test(text)) return undefined
  const bare = text.replace(/={1,2}$/, '')
  return parseBase64url(bare.replaceAll('+', '-').replaceAll('/', '_'))
}

/**
 * The DER of one certificate in PEM, with nothing before or after it.
 *
 * Source: RFC 7468 sections 2 and 5.
 */
export function parsePemCertificate(text: string): Uint8Array<ArrayBuffer> | undefined {
  const body = /^-----BEGIN CERTIFICATE-----([a-z\d+/=\s]*)-----END CERTIFICATE-----\s*$/i.exec(
    text,
  )?.[1]
  return body === undefined ? undefined : parseBase64(body.replaceAll(/\s/g, ''))
}
