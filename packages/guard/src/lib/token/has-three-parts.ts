/** Whether a token is of three parts, as a signed JWT: two dots, found and not split on. */
export function hasThreeParts(token: string): boolean {
  const second = token.indexOf('.', token.indexOf('.') + 1)
  return second > 0 && !token.includes('.', second + 1)
}
