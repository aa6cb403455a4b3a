import { createHash } from 'node:crypto'
import type { JsonObject } from '@countersign/protocol'
import { handClock } from '@countersign/testkit'
import { tokenMint, type MintAlgorithm } from '@countersign/testkit/contracts'

/** Signs DPoP proofs with one key, honest ones and others. */
export interface ProofMint {
  /** The public key, bare. */
  readonly jwk: JsonObject
  proof(overrides?: { readonly header?: JsonObject; readonly claims?: JsonObject }): string
}

export const METHOD = 'POST'
export const URL_CALLED = 'https://api.example/orders'

/** A mint whose good proof is for a `POST` to `https://api.example/orders`, made now. */
export function proofMint(now: () => number, algorithm: MintAlgorithm = 'ES256'): ProofMint {
  const mint = tokenMint({ issuer: '', audience: '', now: handClock().now, algorithm })
  const { kid: _kid, use: _use, ...rest } = mint.jwk
  const { alg: _alg, ...bare } = rest
  const jwk = rest['kty'] === 'AKP' ? rest : bare
  let made = 0
  return {
    jwk,
    proof: ({ header, claims } = {}) =>
      mint.sign(
        { typ: 'dpop+jwt', alg: algorithm, jwk, ...header },
        {
          jti: `proof-${++made}`,
          htm: METHOD,
          htu: URL_CALLED,
          iat: Math.floor(now() / 1000),
          ...claims,
        },
      ),
  }
}

/** What `ath` holds. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
