import { formatCompactJws, formatSigningInput, type JsonObject } from '@countersign/protocol'

/** What signs a JWT: a `SigningKey`, or anything else that knows its algorithm. */
export interface JwtSigner {
  /** Its name in the header. */
  readonly alg: string
  sign(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array>
}

/**
 * A signed JWT in compact form. `alg` is the signer's, whatever `header` says; `kid`, `typ` and the
 * like are added by the caller. Members that are `undefined` are left out.
 *
 * Rejects: as the signer does. Source: RFC 7515 sections 3.1 and 5.1.
 */
export async function signCompactJwt(
  header: JsonObject,
  claims: JsonObject,
  signer: JwtSigner,
): Promise<string> {
  const signingInput = formatSigningInput({ ...header, alg: signer.alg }, claims)
  const signature = await signer.sign(new TextEncoder().encode(signingInput))
  return formatCompactJws(signingInput, signature)
}
