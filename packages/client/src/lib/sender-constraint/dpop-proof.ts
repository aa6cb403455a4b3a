import { formatBase64url } from '@countersign/protocol'
import { CredentialError, isTokenError } from '../errors/token-error.ts'
import { signCompactJwt } from '../jose/compact-jwt.ts'
import type { SigningKey } from '../jose/signing-key.ts'
import type { ConstrainedRequest } from './sender-constraint.ts'
import { sha256Base64url } from '../jose/sha256.ts'

/** What a proof says besides its request. */
export interface DpopProofDetails {
  /** By the server's clock, epoch milliseconds. */
  readonly issuedAt: number
  /** The server's newest nonce, where it has given one. */
  readonly nonce: string | undefined
}

/**
 * A DPoP proof for one request, never the same twice.
 *
 * `htu` is the address without user, query and fragment; `ath` is there when a token goes along.
 *
 * Rejects: `ERR_PROOF` where it cannot be signed. Source: RFC 9449 section 4.2.
 */
export async function dpopProof(
  { method, url, token }: ConstrainedRequest,
  key: SigningKey,
  { issuedAt, nonce }: DpopProofDetails,
): Promise<string> {
  try {
    const header = { typ: 'dpop+jwt', alg: key.alg, jwk: key.publicJwk }
    const claims = {
      jti: formatBase64url(crypto.getRandomValues(new Uint8Array(16))),
      htm: method,
      htu: url.origin + url.pathname,
      iat: Math.floor(issuedAt / 1000),
      ...(token !== undefined && { ath: await sha256Base64url(token.value) }),
      ...(nonce !== undefined && { nonce }),
    }
    return await signCompactJwt(header, claims, key)
  } catch (error) {
    throw noProof(error)
  }
}

/** The failure to make a proof; only what this package itself has said is told. */
export function noProof(reason: unknown): CredentialError {
  if (!isTokenError(reason)) {
    return new CredentialError('ERR_PROOF', 'the DPoP proof could not be made', {
      phase: 'credential',
      hint: "Check the key, and that this runtime's WebCrypto has its algorithm",
    })
  }
  // Its message ends with its hint already.
  const message = `the DPoP proof could not be made: ${reason.message}`
  return new CredentialError('ERR_PROOF', message, { phase: 'credential' })
}
