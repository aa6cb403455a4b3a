import type { GuardRequest } from '@countersign/guard'
import {
  HOSTILE_CASES,
  proofMint,
  type HostileCase,
  type TokenMint,
} from '@countersign/testkit/hostile'

const KEY = proofMint()
const URL = 'https://api.example/orders'

/** A case and its request, as a guard meets it with no socket between. */
export interface DirectCase extends HostileCase {
  readonly request: GuardRequest
  readonly times: number | undefined
}

/** Cases for a guard itself: by default all of them. Those that no server would hand on are left out. */
export function directCases(
  mint: TokenMint,
  cases: readonly HostileCase[] = HOSTILE_CASES,
): DirectCase[] {
  return cases.flatMap((one) => {
    const made = one.make({ mint, key: KEY, url: URL, method: 'GET', nonce: undefined })
    if ('message' in made) return []
    const headers = new Headers()
    for (const [name, value] of made.headers) headers.append(name, value)
    const url = made.query === undefined ? URL : `${URL}?${made.query}`
    const { times } = made
    return [{ ...one, times, request: { method: made.method ?? 'GET', url, headers } }]
  })
}

/** The same without the honest ones. */
export function directAttacks(mint: TokenMint): DirectCase[] {
  return directCases(mint).filter(({ group }) => group !== 'honest')
}
