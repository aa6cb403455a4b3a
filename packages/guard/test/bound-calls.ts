import type { GuardOptions, Rule, Verdict } from '@countersign/guard'
import type { JsonObject } from '@countersign/protocol'
import { proofMint, type ProofMint } from '@countersign/testkit/contracts'
import { startScriptedIssuer, type ScriptedIssuer } from './scripted-issuer.ts'

/** What proofs are compared with: the origin of the audience. */
export const API = 'https://api.example'

/** An issuer, a key, and a token bound to it. */
export interface BoundToken {
  readonly issuer: ScriptedIssuer
  readonly key: ProofMint
  readonly token: string
  readonly clock: ScriptedIssuer['clock']
}

/** A scripted issuer whose guard takes DPoP, a key, and a token bound to it. */
export async function start(options: Partial<GuardOptions> = {}): Promise<BoundToken> {
  const issuer = await startScriptedIssuer({ dpop: {}, ...options })
  const key = proofMint()
  const token = issuer.mint.token({ claims: { cnf: { jkt: key.thumbprint } } })
  return { issuer, key, token, clock: issuer.clock }
}

export interface Call {
  readonly scheme?: string
  readonly proof?: string | readonly string[]
  readonly method?: string
  readonly url?: string
  readonly rule?: Rule
}

export function call(issuer: ScriptedIssuer, token: string, made: Call = {}): Promise<Verdict> {
  const { scheme = 'DPoP', proof, method = 'GET', url = '/orders/1?page=2', rule } = made
  const headers = new Headers({ authorization: `${scheme} ${token}` })
  for (const one of typeof proof === 'string' ? [proof] : (proof ?? [])) headers.append('dpop', one)
  return issuer.guard({ method, url, headers }, rule)
}

export function outcome(verdict: Verdict): string {
  return verdict.allowed ? 'allowed' : `${verdict.status} ${verdict.reason}`
}

/** A proof for the API's order 1, changed. */
export function proofOf(
  { key, token, clock }: { key: ProofMint; token: string; clock: ScriptedIssuer['clock'] },
  claims: JsonObject = {},
  header: JsonObject = {},
): string {
  return key.proof(`${API}/orders/1`, token, clock.now(), { claims, header })
}
