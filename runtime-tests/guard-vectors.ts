import { createHash } from 'node:crypto'
import { handClock } from '@countersign/testkit'
import type { MintAlgorithm } from '@countersign/testkit/contracts'
import {
  HOSTILE_CASES,
  HOSTILE_PROOF_CASES,
  proofMint,
  tokenMint,
  type HostileCase,
} from '@countersign/testkit/hostile'
import { SAMPLE_DER } from '../packages/protocol/test/sample-certificate.ts'

/** A request, and what a guard must say to it, as JSON. */
export interface GuardVector {
  readonly name: string
  readonly method: string
  readonly url: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** How often it is sent; what is owed is owed to the last one. */
  readonly times: number
  /** `allowed`, or status and reason. */
  readonly owed: string
}

/** What guards are tried with on every runtime, made in one place. */
export interface GuardVectors {
  readonly issuer: string
  readonly audience: string
  /** The instant that the guard's clock must show; epoch milliseconds. */
  readonly now: number
  readonly jwks: { readonly keys: readonly object[] }
  /** Good tokens by algorithm. */
  readonly tokens: Readonly<Record<MintAlgorithm, string>>
  /** For a guard that takes bearer tokens. */
  readonly hostile: readonly GuardVector[]
  /** For a guard that takes DPoP besides. */
  readonly proofs: readonly GuardVector[]
  readonly certificate: {
    /** Bound to the certificate. */
    readonly token: string
    /** Bound to another one. */
    readonly foreign: string
    /** As `Client-Cert` has it. */
    readonly header: string
  }
}

const ISSUER = 'https://as.example'
const AUDIENCE = 'https://api.example/orders'
const ALGORITHMS: readonly MintAlgorithm[] = [
  'ES256',
  'RS256',
  'PS256',
  'EdDSA',
  'Ed25519',
  'ML-DSA-44',
  'ML-DSA-65',
]

export function guardVectors(): GuardVectors {
  const { now } = handClock()
  const mints = ALGORITHMS.map((algorithm) =>
    tokenMint({ issuer: ISSUER, audience: AUDIENCE, now, kid: `key-${algorithm}`, algorithm }),
  )
  const [mint] = mints
  if (mint === undefined) throw new Error('no mint')
  const signer = mint
  const key = proofMint()
  const bound = (digested: string | Uint8Array): string => {
    const thumbprint = createHash('sha256').update(digested).digest('base64url')
    return mint.token({ claims: { cnf: { 'x5t#S256': thumbprint } } })
  }

  function vectorOf(one: HostileCase): readonly GuardVector[] {
    const made = one.make({ mint: signer, key, url: AUDIENCE, method: 'GET', nonce: undefined })
    // What no server would hand on to a guard.
    if ('message' in made) return []
    const { method = 'GET', query, headers, times = 1 } = made
    const url = query === undefined ? AUDIENCE : `${AUDIENCE}?${query}`
    const owed = one.status === 200 ? 'allowed' : `${one.status} ${one.reason}`
    return [{ name: one.name, method, url, headers, times, owed }]
  }

  return {
    issuer: ISSUER,
    audience: AUDIENCE,
    now: now(),
    jwks: { keys: mints.map(({ jwk }) => jwk) },
    tokens: Object.fromEntries(mints.map((one) => [one.algorithm, one.token()])) as Record<
      MintAlgorithm,
      string
    >,
    hostile: HOSTILE_CASES.flatMap(vectorOf),
    proofs: HOSTILE_PROOF_CASES.flatMap(vectorOf),
    certificate: {
      token: bound(SAMPLE_DER),
      foreign: bound('another'),
      header: `:${Buffer.from(SAMPLE_DER).toString('base64')}:`,
    },
  }
}
