import { parseBasicCredentials, type JsonObject } from '@countersign/protocol'
import type { AuthenticatedRequest } from '../client-authentication/client-authentication.ts'

/** What of a token request must be seen by nobody but the server, in the forms a server may quote. */
export function sentSecrets(
  { headers, parameters }: AuthenticatedRequest,
  grantProof: string | undefined,
): readonly string[] {
  const { authorization = '' } = headers
  const secrets = [authorization.replace(/^\S+ +/, ''), grantProof ?? '']
  for (const encoding of ['form', 'raw'] as const) {
    const basic = parseBasicCredentials(authorization, encoding)
    if (basic.ok) secrets.push(basic.value.clientSecret)
  }
  for (const [name, value] of parameters) {
    if (name === 'client_secret' || name === 'client_assertion') secrets.push(value)
  }
  return secrets.filter((secret) => secret.length >= SHORTEST)
}

/** What is shorter is in any text by chance. */
const SHORTEST = 4

/** A JSON object without the members whose text quotes one of `secrets`. */
export function withoutQuotes(body: JsonObject, secrets: readonly string[]): JsonObject {
  const quotes = (value: unknown): boolean =>
    typeof value === 'string' && secrets.some((secret) => value.includes(secret))
  return Object.fromEntries(Object.entries(body).filter(([, value]) => !quotes(value)))
}
