import { ArgumentError, parseBase64url } from '@countersign/protocol'

/**
 * The SHA-256 thumbprint of a client certificate, base64url, as `certificateThumbprint` gives it; a
 * function for a certificate that is replaced while the process runs.
 */
export type DeclaredThumbprint = string | (() => string | Promise<string>)

/**
 * Gives the thumbprint of the moment. `caller` and `option` name it in errors.
 *
 * Throws: `ArgumentError`, at once for a text that is no thumbprint. Rejects with it where a function
 * gives none.
 */
export function declaredThumbprint(
  caller: string,
  option: string,
  value: DeclaredThumbprint | undefined,
): () => Promise<string> {
  function checked(text: unknown): string {
    if (typeof text === 'string' && parseBase64url(text)?.length === 32) return text
    throw new ArgumentError(
      text === undefined ? 'ERR_ARGUMENT_MISSING' : 'ERR_ARGUMENT_VALUE',
      option,
      `${caller}: '${option}' must be a SHA-256 in base64url: certificateThumbprint(pem) gives it`,
    )
  }

  if (typeof value === 'function') return async () => checked(await value())
  const text = checked(value)
  return async () => text
}
