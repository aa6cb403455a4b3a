/** A peer's text for a message: cut, and with nothing in it that a URL may not hold. */
export function peerText(text: string): string {
  return text.replaceAll(/[^\x21-\x7e]/g, '?').slice(0, 200)
}
