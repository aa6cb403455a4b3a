import { AccessToken, type TokenPresentation } from '../access-token.ts'
import { renewalSchedule } from '../reuse/renewal-schedule.ts'
import type { SenderConstraint } from '../sender-constraint/sender-constraint.ts'
import type { OpenedToken } from './sealed-token.ts'
import { StoreError } from './store-error.ts'

/** What this client adds to a token out of a store: it is never kept there. */
export interface TokenAttachments {
  readonly senderConstraint: SenderConstraint | undefined
  readonly presentation: TokenPresentation | undefined
}

/** How far a writer's clock may be ahead of ours, in milliseconds. */
const CLOCK_TOLERANCE = 5000
/** Milliseconds to keep a token that does not end by itself, and the most to keep any. */
const ENDLESS_KEPT = 86_400_000
const LONGEST_KEPT = 2_592_000_000

/**
 * The token of an entry, as a token of this client.
 *
 * What the writer's clock is ahead of ours is taken off the token's times, as far as it shows.
 * Throws: `StoreError` where it cannot be a token of this client.
 */
export function attachedToken(
  { token, writtenAt }: OpenedToken,
  { senderConstraint, presentation }: TokenAttachments,
  now: number,
): AccessToken {
  if (token.type !== (senderConstraint?.tokenType ?? 'Bearer')) {
    throw new StoreError('ERR_STORE_ENTRY', 'the stored token is bound in another way than ours', {
      operation: 'get',
    })
  }
  const ahead = Math.max(writtenAt - now, 0)
  if (ahead > CLOCK_TOLERANCE) {
    const message = `the stored token comes from a clock ${ahead} ms ahead of ours, or ours is behind`
    throw new StoreError('ERR_STORE_ENTRY', message, { operation: 'get' })
  }
  const { obtainedAt, expiresAt, refreshAt } = token
  return new AccessToken({
    ...token,
    obtainedAt: obtainedAt - ahead,
    expiresAt: expiresAt === undefined ? undefined : expiresAt - ahead,
    refreshAt: refreshAt === undefined ? undefined : refreshAt - ahead,
    senderConstraint,
    presentation,
  })
}

/** How good a token still is. */
export type Freshness = 'fresh' | 'due' | 'over'

/**
 * Whether to take a token from the store (`fresh`), to renew it unless somebody else does (`due`), or
 * neither (`over`).
 *
 * It is due from the first instant at which any process of a fleet would renew it. So the first that
 * comes renews it for all, and those after it find the renewed one.
 */
export function freshness(token: AccessToken, now: number): Freshness {
  const { renewAt, usableUntil } = renewalSchedule(token, () => 1)
  if (now >= usableUntil) return 'over'
  return now < renewAt ? 'fresh' : 'due'
}

/** How the store is to keep a token; `undefined` where it is not worth keeping. */
export function keepingOf(
  token: AccessToken,
  now: number,
): { readonly expiresAt: number; readonly ttl: number } | undefined {
  const expiresAt = Math.trunc(token.expiresAt ?? token.obtainedAt + ENDLESS_KEPT)
  const ttl = Math.min(expiresAt - Math.ceil(now), LONGEST_KEPT)
  return ttl >= 1 && Number.isSafeInteger(expiresAt) ? { expiresAt, ttl } : undefined
}

/**
 * Refuses a token that another process could not present as this one does.
 *
 * Throws: `StoreError`.
 */
export function assertShareable(
  token: AccessToken,
  { senderConstraint, presentation }: TokenAttachments,
): void {
  const sameConstraint =
    token.senderConstraint === senderConstraint &&
    token.type === (senderConstraint?.tokenType ?? 'Bearer')
  const samePresentation = written(token.presentation) === written(presentation)
  if (sameConstraint && samePresentation) return
  const option = sameConstraint ? 'presentation' : 'senderConstraint'
  throw new StoreError(
    'ERR_STORE_ENTRY',
    `the token is not shared: its ${option} is not the one that 'shared' was given`,
    { operation: 'replace' },
  )
}

function written(presentation: TokenPresentation | undefined): string {
  if (presentation === undefined) return ''
  const { header, scheme, headers = {} } = presentation
  return JSON.stringify([
    header,
    scheme,
    Object.entries(headers).toSorted(([one], [other]) => (one < other ? -1 : 1)),
  ])
}
