import { isTokenText, type Issuer } from '@countersign/protocol'
import {
  isRequestBound,
  issuerAddress,
  sha256Base64url,
  unlessAborted,
  type KeySource,
} from '@countersign/verify'
import type { IssuerEvent } from '../guard/guard-event.ts'
import type { GuardRequest } from '../guard/guard-request.ts'
import { checkClaims } from '../token/check-claims.ts'
import type { TokenOutcome, TokenVerifier } from '../token/token-verifier.ts'
import type { TokenPolicy } from '../token/verify-access-token.ts'
import { askAboutToken, type IntrospectionAnswer } from './ask-about-token.ts'
import { heldAnswers, type Heard } from './held-answers.ts'
import {
  sharedAnswers,
  type SharedAnswer,
  type SharedAnswers,
  type Sighting,
} from './shared-answers.ts'
import type { AnswerSharingSettings } from './sharing-options.ts'
import { tokenConfirmer, type TokenConfirmer, type Word } from './token-confirmer.ts'
import type { IntrospectionSettings } from './introspection-options.ts'

/** What an introspector works with. */
export interface IntrospectorOptions extends TokenPolicy {
  readonly issuer: Issuer
  readonly introspection: IntrospectionSettings
  readonly keys: KeySource
  readonly fetch: typeof globalThis.fetch
  readonly now: () => number
  readonly timeout: number
  readonly staleFor: number
  readonly emit: (event: IssuerEvent) => void
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined
}

/** Asks one issuer about tokens. */
export interface Introspector {
  readonly verify: TokenVerifier
  readonly confirm: TokenConfirmer
}

/** What makes a question. */
interface Occasion {
  /** That of a token that nobody has vouched for. */
  readonly request?: GuardRequest
  /** What the shared store had. */
  readonly sighting?: Sighting | undefined
}

const LIMITED: Heard = {
  outcome: { ok: false, reason: 'introspection_limited' },
  word: { kind: 'unknown', retryAfter: 0 },
}
/** Longest token that is asked about, in characters. */
const MAX_TOKEN = 16_384
/** Questions that may be open at one time: an issuer that hangs must not fill the memory. */
const MAX_OPEN = 1000
/** Failures in a row before the issuer is left alone. */
const PATIENCE = 3
const MAX_PAUSE = 30_000
const MAX_RETRY_AFTER = 300_000

/**
 * Judges tokens by asking their issuer. Never rejects.
 *
 * One token is one question however many requests bring it at a time. Answers are held under the SHA-256
 * digest of the token, active ones never beyond `exp`; issuer, audience and times are judged at each
 * use. An issuer that fails is an outage and never makes a token invalid; after three failures it is
 * left alone, for up to half a minute or as long as it asks, while held answers go on.
 *
 * What is held here is looked for first. With `shared`, what another instance was told is looked for next,
 * and the issuer is asked only then.
 * Source: RFC 7662 sections 2.2 and 4.
 */
export function introspector(options: IntrospectorOptions): Introspector {
  const { introspection: settings, now, timeout, emit, waitUntil = () => {} } = options
  const { maxAge, maxInactiveAge, mayAsk } = settings
  const shared = settings.shared && sharedBy(options, settings.shared)
  const address =
    settings.endpoint === undefined
      ? issuerAddress({ ...options, read: ({ all }) => all['introspection_endpoint'] })
      : undefined
  const held = heldAnswers({ ...options, policy: options })
  const open = new Map<string, Promise<Heard>>()
  let failures = 0
  let failedAt = 0
  let retryAt = 0

  async function ask(
    digest: string,
    token: string,
    { request, sighting }: Occasion,
  ): Promise<Heard> {
    const askedAt = now()
    const since = performance.now()
    const answer = await answerTo(token)
    if (!answer.ok) return unavailable(fail(answer, askedAt))
    failures = 0
    const isActive = answer.members['active'] === true
    emit({ type: 'introspected', active: isActive, duration: performance.now() - since })
    const told: SharedAnswer = { members: answer.members, askedAt }
    const heard = held.hold(digest, told)
    // Of what nobody has vouched for nothing is written: junk must not fill the store.
    const isKnown = request === undefined || (sighting?.seen.size ?? 0) > 0
    if (shared !== undefined && (isActive || isKnown)) behind(shared.keep(digest, told, sighting))
    return heard
  }

  /** Keeps the platform from ending what no request waits for. */
  function behind(work: Promise<unknown>): void {
    try {
      waitUntil(work)
    } catch {
      // Sharing is a courtesy to others: it must not decide who gets in.
    }
  }

  /** What the store has about a token is held as if we had asked; of an active one no older than that. */
  function look(digest: string, activeFor: number): Promise<Sighting | undefined> | undefined {
    // Who has been asked knows better.
    if (open.has(digest)) return undefined
    return shared?.look(digest, (answer) => {
      const isActive = answer.members['active'] === true
      const age = now() - answer.askedAt
      if (age >= (isActive ? activeFor : maxInactiveAge)) return
      if (held.take(digest, answer)) emit({ type: 'answer_shared', active: isActive, age })
    })
  }

  async function answerTo(token: string): Promise<IntrospectionAnswer> {
    const signal = AbortSignal.timeout(timeout)
    try {
      return await unlessAborted(question(token, signal), signal)
    } catch {
      return { ok: false, fault: 'timeout' }
    }
  }

  async function question(token: string, signal: AbortSignal): Promise<IntrospectionAnswer> {
    const endpoint = settings.endpoint ?? (await address?.get())
    if (endpoint === undefined) {
      return { ok: false, fault: 'no_endpoint', retryAfter: address?.retryAfter() ?? 0 }
    }
    return askAboutToken(token, { ...options, settings, endpoint, signal })
  }

  /** Gives the milliseconds until it is worth another try. */
  function fail(
    { fault, retryAfter = 0 }: IntrospectionAnswer & { ok: false },
    askedAt: number,
  ): number {
    // Questions that were open together fail together: that is one failure.
    if (failures === 0 || askedAt >= failedAt) failures++
    failedAt = now()
    const over = failures - PATIENCE
    const pause = over < 0 ? 0 : Math.min(1000 * 2 ** Math.min(over, 5), MAX_PAUSE)
    retryAt = failedAt + Math.max(pause, Math.min(retryAfter, MAX_RETRY_AFTER))
    emit({ type: 'introspection_failed', fault, failures, retryAt })
    return retryAt - failedAt
  }

  function join(digest: string, token: string, occasion: Occasion): Promise<Heard> | Heard {
    const { request } = occasion
    const underway = open.get(digest)
    if (underway !== undefined) return underway
    const at = now()
    // A clock that was set back must not stretch the pause.
    if (at < retryAt && at >= failedAt) return unavailable(retryAt - at)
    if (request !== undefined && !mayAsk(request)) return LIMITED
    if (open.size >= MAX_OPEN) {
      emit({ type: 'introspection_failed', fault: 'busy', failures, retryAt: at })
      return unavailable(0)
    }
    // Where requests must not wait for each other, each asks for itself until there is an answer.
    if (isRequestBound()) return ask(digest, token, occasion)
    const asked = ask(digest, token, occasion).finally(() => open.delete(digest))
    open.set(digest, asked)
    return asked
  }

  async function verify(token: string, request: GuardRequest): Promise<TokenOutcome> {
    if (token.length > MAX_TOKEN || !isTokenText(token))
      return { ok: false, reason: 'malformed_token' }
    const digest = await sha256Base64url(token)
    const answer = held.outcome(digest) ?? (await findOut(digest, token, request))
    if (!answer.ok) return answer
    const { claims } = answer
    const reason = checkClaims(claims, options, now())
    return reason === undefined ? answer : { ok: false, reason, clientId: claims.client_id }
  }

  /** Of a token about which nothing is held. */
  async function findOut(
    digest: string,
    token: string,
    request: GuardRequest,
  ): Promise<TokenOutcome> {
    if (shared === undefined) return (await join(digest, token, { request })).outcome
    const sighting = await look(digest, maxAge)
    return held.outcome(digest) ?? (await join(digest, token, { request, sighting })).outcome
  }

  async function askWithin(token: string, within: number): Promise<Word> {
    const digest = await sha256Base64url(token)
    const known = held.word(digest, within)
    if (known !== undefined) return known
    // No answer of the past will do where the route wants to know at once.
    const sighting = shared === undefined || within === 0 ? undefined : await look(digest, within)
    const word =
      sightedWord(digest, within, sighting) ?? (await join(digest, token, { sighting })).word
    held.holdWord(digest, word)
    return word
  }

  function sightedWord(
    digest: string,
    within: number,
    sighting: Sighting | undefined,
  ): Word | undefined {
    if (sighting?.answer === undefined) return undefined
    const { members, askedAt } = sighting.answer
    // An answer that is no good for an opaque token may still be a word on a JWT.
    const isNewEnough = members['active'] === true && now() < askedAt + within
    return held.word(digest, within) ?? (isNewEnough ? { kind: 'active', askedAt } : undefined)
  }

  return {
    verify,
    confirm: tokenConfirmer({
      every: settings.tokens === 'sampled' ? settings.every : undefined,
      whenUnknown: settings.whenUnknown,
      now,
      askWithin,
    }),
  }
}

function unavailable(retryAfter: number): Heard {
  return {
    outcome: { ok: false, reason: 'introspection_unavailable', retryAfter },
    word: { kind: 'unknown', retryAfter },
  }
}

function sharedBy(
  { issuer, audience, introspection: settings, now, emit }: IntrospectorOptions,
  shared: AnswerSharingSettings,
): SharedAnswers {
  const { endpoint, clientId, signed, maxAge, tokens, every } = settings
  return sharedAnswers({
    shared,
    // An answer that was not signed is none for who wants them signed.
    identity: [issuer, endpoint ?? null, clientId, signed, [...new Set(audience)].toSorted()],
    longest: Math.max(maxAge, tokens === 'sampled' ? every : 0),
    now,
    report: (operation, fault, retryAt) =>
      emit({ type: 'sharing_failed', operation, fault, retryAt }),
  })
}
