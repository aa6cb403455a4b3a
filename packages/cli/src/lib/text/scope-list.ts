/** The scopes of texts that may hold several each, as a token request and a token write them. */
export function scopeList(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => text.split(' ').filter((one) => one !== ''))
}
