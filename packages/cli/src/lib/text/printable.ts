/**
 * `text` with everything that could steer a terminal written as an escape: control characters, line
 * ends, and the marks that turn the reading direction.
 *
 * For text that somebody else chose: claims of a token, a header of an API, a name in a registry.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16)
    return `\\u{${code}}`
  })
}
