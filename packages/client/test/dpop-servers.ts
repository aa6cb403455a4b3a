import type { LoopbackHandler, LoopbackServer } from '@countersign/testkit'
import { server } from './answering-endpoint.ts'
import { checkProof, type CheckedProof } from './dpop-check.ts'

/** A loopback server that takes DPoP only, and what it has seen. */
export interface DpopServer extends LoopbackServer {
  /** The proofs it took, in order of arrival, those answered with a challenge included. */
  readonly proofs: readonly CheckedProof[]
  /** Answers that asked for a nonce. */
  readonly challenges: () => number
}

/** How a {@link DpopServer} deals with nonces. */
export interface NoncePolicy {
  /** Whether it takes this nonce. */
  readonly takes: (nonce: unknown) => boolean
  /** What it gives out with each answer. */
  readonly gives?: () => string | undefined
}

/** Takes every proof, and speaks of no nonce. */
export const NO_NONCES: NoncePolicy = { takes: () => true }

/** Wants one nonce, always the same. */
export const ONE_NONCE: NoncePolicy = { takes: (nonce) => nonce === 'n-1', gives: () => 'n-1' }

/** Gives another nonce with each answer, and takes every one that it has given. */
export function changingNonces(): NoncePolicy {
  let count = 0
  return {
    takes: (nonce) => typeof nonce === 'string' && /^n-\d+$/.test(nonce),
    gives: () => `n-${++count}`,
  }
}

/** A token endpoint that gives DPoP tokens. */
export function dpopTokenEndpoint(
  policy: NoncePolicy = NO_NONCES,
  answer: () => object = () => ({ access_token: 'at-1', token_type: 'DPoP', expires_in: 600 }),
): Promise<DpopServer> {
  return dpopServer(policy, {
    refuse: () => Response.json({ error: 'use_dpop_nonce' }, { status: 400 }),
    token: () => undefined,
    accept: () => Response.json(answer()),
  })
}

/** An API that wants the DPoP scheme and a proof for the token; `accept` answers what passes. */
export function dpopApi(
  policy: NoncePolicy = NO_NONCES,
  accept: LoopbackHandler = () => new Response('ok'),
): Promise<DpopServer> {
  return dpopServer(policy, {
    refuse: () => challenge('use_dpop_nonce'),
    token: (authorization) => /^DPoP (.+)$/.exec(authorization ?? '')?.[1] ?? 'no DPoP scheme',
    accept,
  })
}

/** A 401 with this error in a DPoP challenge. */
export function challenge(error: string, headers: Record<string, string> = {}): Response {
  const value = `DPoP error="${error}", algs="ES256"`
  return new Response('no', { status: 401, headers: { 'www-authenticate': value, ...headers } })
}

async function dpopServer(
  { takes, gives }: NoncePolicy,
  role: {
    readonly refuse: () => Response
    readonly token: (authorization: string | null) => string | undefined
    readonly accept: LoopbackHandler
  },
): Promise<DpopServer> {
  const proofs: CheckedProof[] = []
  const seen = new Set<unknown>()
  let challenges = 0
  const started = await server(async (request, received) => {
    const proof = checkProof(request, role.token(request.headers.get('authorization')))
    proofs.push(proof)
    const { jti, nonce } = proof.claims
    if (seen.has(jti)) throw new Error('a proof came twice')
    seen.add(jti)
    const isTaken = takes(nonce)
    if (!isTaken) challenges++
    const response = isTaken ? await role.accept(request, received) : role.refuse()
    const given = gives?.()
    if (given !== undefined) response.headers.set('dpop-nonce', given)
    return response
  })
  return Object.assign(started, { proofs, challenges: () => challenges })
}
