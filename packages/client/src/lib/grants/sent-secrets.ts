import type { JsonObject } from '@countersign/protocol'
import type { AuthenticatedRequest } from '../client-authentication/client-authentication.ts'

/** What of a token request must be seen by nobody but the server, in the forms a server may quote. */
export function sentSecrets(
  { headers, parameters }: AuthenticatedRequest,
  grantProof: string | undefined,
): readonly string[] {
  const { authorization = '' } = headers
  const credential = authorization.replace(/^\S+ +/, '')
  const secrets = [credential, grantProof ?? '', ...basicSecrets(credential)]
  for (const [name, value] of parameters) {
    // Some servers take a name and a password there, written as for Basic.
    if (name === 'client_secret') secrets.push(value, ...basicSecrets(value))
    if (name === 'client_assertion') secrets.push(value)
  }
  return secrets.filter((secret) => secret.length >= SHORTEST)
}

/** The secret in Basic credentials, as it is and with its form encoding undone. */
function basicSecrets(credential: string): readonly string[] {
  const secrets: string[] = []
  try {
    const bytes = Uint8Array.from(atob(credential), (character) => character.charCodeAt(0))
    const secret = new TextDecoder().decode(bytes).replace(/^[^:]*:/, '')
    secrets.push(secret)
    secrets.push(decodeURIComponent(secret.replaceAll('+', ' ')))
  } catch {
    // Another scheme's credential need be no base64, and a 'raw' one may hold any percent sign.
  }
  return secrets
}

/** What is shorter is in any text by chance. */
const SHORTEST = 4

/** A JSON object without the members whose text quotes one of `secrets`. */
export function withoutQuotes(body: JsonObject, secrets: readonly string[]): JsonObject {
  const quotes = (value: unknown): boolean =>
    typeof value === 'string' && secrets.some((secret) => value.includes(secret))
  return Object.fromEntries(Object.entries(body).filter(([, value]) => !quotes(value)))
}
