import { parseChallenges } from '@countersign/protocol'
import { proofMint } from '../proof-mint.ts'
import type { TokenMint } from '../token-mint.ts'
import type { HostileCase, HostileGroup } from './hostile-case.ts'
import { exchange, toMessage, type WireAnswer } from './wire.ts'

/** A route of a running API, and who can make tokens for it. */
export interface HostileTarget {
  /** The address of the route. A path that answers 2xx to the mint's good token. */
  readonly url: string
  /** Signs with a key that the API trusts, for a client and a scope that the route takes. */
  readonly mint: TokenMint
  /** The method of the route. Default `GET`. */
  readonly method?: string
  /** The address as clients call it, where `url` is another: DPoP proofs are made for it. */
  readonly publicUrl?: string
  /** Headers that every request needs besides, such as the key of a gateway. */
  readonly headers?: Readonly<Record<string, string>>
  /** Certificates, in PEM, of the authorities that are trusted. Default: those of the runtime. */
  readonly ca?: string
  /** How long an answer may take. Milliseconds, default 10,000. */
  readonly timeout?: number
}

/**
 * How an API answered: as `owed`; `refused`, but with another status or error; `failed` with 5xx or no
 * answer at all; or `accepted` what it must refuse.
 */
export type HostileOutcome = 'owed' | 'refused' | 'failed' | 'accepted'

/** The answer to one case. Holds no token. */
export interface HostileResult {
  readonly name: string
  readonly group: HostileGroup
  readonly source: string
  readonly outcome: HostileOutcome
  /** The status owed, and the error code in the challenge. */
  readonly owed: { readonly status: number; readonly error: string | undefined }
  /** Those that came; `undefined` for no answer. */
  readonly seen: { readonly status: number; readonly error: string | undefined } | undefined
}

/** How an API answered to all of them. */
export interface HostileReport {
  /** Whether every answer was as owed. */
  readonly ok: boolean
  readonly counts: Readonly<Record<HostileOutcome, number>>
  readonly results: readonly HostileResult[]
}

/**
 * Sends each case to a route over a connection of its own, one after the other, and reports what came.
 *
 * Where the first case is honest and not let through, it is the only one: refusals prove nothing of an
 * API that refuses everything. Where it is, it is sent again at the end, as the last result: an API must
 * survive the others. Send it to an API of your own only, with a client that may do no harm: what gets
 * through reaches the handler.
 * Never rejects for anything the API does. Rejects with `TypeError` for a `url` that is none.
 */
export async function fireCases(
  cases: readonly HostileCase[],
  { url, mint, method = 'GET', publicUrl = url, headers = {}, ca, timeout = 10_000 }: HostileTarget,
): Promise<HostileReport> {
  const address = new URL(url)
  const key = proofMint()
  const results: HostileResult[] = []
  let nonce: string | undefined

  async function fire(one: HostileCase): Promise<HostileResult> {
    const asked = nonce
    const { answer, otherMethod } = await send(one)
    nonce = answer?.headers.get('dpop-nonce') ?? nonce
    // The first refusal for want of a nonce is how a client learns of it.
    const first = asked === undefined && nonce !== undefined
    if (answer !== undefined && first && errorOf(answer) === 'use_dpop_nonce') return fire(one)
    return toResult(one, answer, otherMethod)
  }

  async function send(one: HostileCase): Promise<Sent> {
    const called = withoutQuery(one.group === 'wire' ? url : publicUrl)
    const made = one.make({ mint, key, url: called, method, nonce })
    if ('message' in made) {
      return sentWith(
        /^\S*/.exec(made.message)?.[0],
        await exchange(address, made, { timeout, ca }),
      )
    }
    const used = made.method ?? method
    const whole = { ...made, headers: [...made.headers, ...Object.entries(headers)] }
    const message = toMessage(address, used, whole)
    let answer: WireAnswer | undefined
    for (let sent = 0; sent < (made.times ?? 1); sent++) {
      answer = await exchange(address, { message }, { timeout, ca })
    }
    return sentWith(used, answer)
  }

  const sentWith = (used: string | undefined, answer: WireAnswer | undefined): Sent => ({
    answer,
    otherMethod: used === method ? undefined : used,
  })

  const [first] = cases
  for (const one of cases) {
    results.push(await fire(one))
    if (one === first && one.group === 'honest' && results[0]?.outcome !== 'owed') {
      return toReport(results)
    }
  }
  if (first?.group === 'honest') {
    const last = await fire(first)
    results.push({ ...last, name: `${last.name}, after all the others` })
  }
  return toReport(results)
}

interface Sent {
  readonly answer: WireAnswer | undefined
  /** The method that it was sent with, where that is not the one of the route. */
  readonly otherMethod: string | undefined
}

function toResult(
  one: HostileCase,
  answer: WireAnswer | undefined,
  otherMethod: string | undefined,
): HostileResult {
  const { name, group, source, status, error } = one
  const seen = answer && { status: answer.status, error: errorOf(answer) }
  const outcome =
    answer !== undefined && otherMethod !== undefined && isRouted(answer, otherMethod)
      ? 'owed'
      : outcomeOf(one, seen)
  return { name, group, source, outcome, owed: { status, error }, seen }
}

/** Answered before the route: it takes no such method, or something else speaks for `OPTIONS`. */
function isRouted({ status, headers }: WireAnswer, method: string): boolean {
  if (status === 404 || status === 405 || status === 501) return true
  const isGood = status >= 200 && status < 300
  const isAnswered = headers.has('allow') || headers.has('access-control-allow-methods')
  return method === 'OPTIONS' && isGood && isAnswered
}

function outcomeOf(
  { group, status, error, reason }: HostileCase,
  seen: HostileResult['seen'],
): HostileOutcome {
  const good = seen !== undefined && seen.status >= 200 && seen.status < 300
  if (group === 'honest') {
    if (good) return 'owed'
    return seen === undefined || seen.status >= 500 ? 'failed' : 'refused'
  }
  if (good) return 'accepted'
  // A server may hang up on what is no HTTP, or say 501.
  if (group === 'wire' && reason === undefined) return 'owed'
  if (seen === undefined || seen.status >= 500) return 'failed'
  return seen.status === status && seen.error === error ? 'owed' : 'refused'
}

function toReport(results: readonly HostileResult[]): HostileReport {
  const counts = { owed: 0, refused: 0, failed: 0, accepted: 0 }
  for (const { outcome } of results) counts[outcome]++
  return { ok: counts.owed === results.length, counts, results }
}

/** The error of the first challenge that has one. */
function errorOf({ headers }: WireAnswer): string | undefined {
  const challenges = parseChallenges(headers.get('www-authenticate') ?? '')
  if (!challenges.ok) return undefined
  return challenges.value.map(({ parameters }) => parameters.get('error')).find(Boolean)
}

function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url)
  return origin + pathname
}
