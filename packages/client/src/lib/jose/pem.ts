/**
 * The bytes between the lines of the first `label` in a PEM text, `undefined` where there are none.
 *
 * Line ends may be missing or be written `\n`, as environment variables bring them.
 * Source: RFC 7468 section 3.
 */
export function pemBytes(text: string, label: string): Uint8Array<ArrayBuffer> | undefined {
  const body = text.split(`-----BEGIN ${label}-----`, 2)[1]?.split(`-----END ${label}-----`, 2)
  if (body?.length !== 2) return undefined
  try {
    const binary = atob((body[0] ?? '').replaceAll(/\\[rn]|\s/g, ''))
    return Uint8Array.from(binary, (character) => character.charCodeAt(0))
  } catch {
    return undefined
  }
}
