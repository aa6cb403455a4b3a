import { formatCompactJws, formatSigningInput, type JsonObject } from '@countersign/protocol'
import type { SigningKey } from './signing-key.ts'

/** Signs claims as a JWT of that `typ` with the key that signs at `now`. */
export type DocumentSigner = (typ: string, claims: JsonObject, now: number) => Promise<string>

/**
 * A signer of what this server says that is no access token: introspection answers, the revocation feed.
 *
 * They are signed with the keys of the tokens, so a verifier needs no further key set; `typ` keeps one
 * from passing for the other. Source: RFC 8725 section 3.11.
 */
export function documentSigner(
  signingKey: (now: number) => SigningKey | Promise<SigningKey>,
): DocumentSigner {
  return async (typ, claims, now) => {
    const key = await signingKey(now)
    const { alg, kid } = key.record
    const input = formatSigningInput({ typ, alg, kid }, claims)
    return formatCompactJws(input, await key.sign(input))
  }
}
