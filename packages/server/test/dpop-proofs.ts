import { createHash } from 'node:crypto'
import { thumbprintInput } from '@countersign/protocol'
import { assertionKey, signJwt, type AssertionKey } from './assertion-kit.ts'

/** A key that makes DPoP proofs, and its thumbprint. */
export interface ProofKey extends AssertionKey {
  readonly thumbprint: string
}

/** A fresh key for proofs. */
export function proofKey(alg = 'ES256'): ProofKey {
  const key = assertionKey(alg)
  const input = thumbprintInput(key.publicJwk) ?? ''
  return { ...key, thumbprint: createHash('sha256').update(input).digest('base64url') }
}

/** A good proof for a POST to `url`, but for what is changed; `undefined` takes a member away. */
export function dpopProof(
  key: ProofKey,
  url: string,
  {
    claims = {},
    header = {},
    now = Date.now(),
  }: {
    readonly claims?: Readonly<Record<string, unknown>>
    readonly header?: Readonly<Record<string, unknown>>
    readonly now?: number
  } = {},
): string {
  return signJwt(
    { typ: 'dpop+jwt', alg: key.alg, jwk: key.publicJwk, ...header },
    {
      jti: crypto.randomUUID(),
      htm: 'POST',
      htu: url,
      iat: Math.floor(now / 1000),
      ...claims,
    },
    key.privateKey,
  )
}
