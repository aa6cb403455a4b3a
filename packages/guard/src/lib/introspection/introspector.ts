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
import { answerMemory } from './answer-memory.ts'
import { askAboutToken, type IntrospectionAnswer } from './ask-about-token.ts'
import { introspectedToken } from './introspected-token.ts'
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

/** What came of a question. */
interface Asked {
  readonly outcome: TokenOutcome
  /** What of it counts for a token that was verified by its key. */
  readonly word: Word
}

/** Longest that a word is held, milliseconds: no route may want to know less often. */
const LONGEST = 3_600_000
const INACTIVE: Word = { kind: 'inactive' }
const LIMITED: Asked = {
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
 * Source: RFC 7662 sections 2.2 and 4.
 */
export function introspector(options: IntrospectorOptions): Introspector {
  const { introspection: settings, issuer, now, timeout, emit } = options
  const { maxAge, maxInactiveAge, maxEntries, mayAsk } = settings
  const address =
    settings.endpoint === undefined
      ? issuerAddress({ ...options, read: ({ all }) => all['introspection_endpoint'] })
      : undefined
  const active = answerMemory<TokenOutcome>(maxEntries, now)
  // Apart, so that junk cannot push out what is good.
  const inactive = answerMemory<TokenOutcome>(Math.ceil(maxEntries / 10), now)
  // On tokens that were verified by their keys: for them it may be used for longer.
  const words = answerMemory<Word>(maxEntries, now)
  const open = new Map<string, Promise<Asked>>()
  let failures = 0
  let failedAt = 0
  let retryAt = 0

  async function ask(digest: string, token: string): Promise<Asked> {
    const askedAt = now()
    const since = performance.now()
    const answer = await answerTo(token)
    if (!answer.ok) return unavailable(fail(answer, askedAt))
    failures = 0
    const isActive = answer.members['active'] === true
    emit({ type: 'introspected', active: isActive, duration: performance.now() - since })
    const judged = introspectedToken(answer.members, {
      issuer,
      id: digest,
      askedAt,
      maxAge,
      policy: options,
    })
    if (judged.ok) {
      const until = Math.min(judged.claims.exp * 1000, askedAt + maxAge)
      active.set(digest, judged, askedAt, until)
    } else {
      active.forget(digest)
      inactive.set(digest, judged, askedAt, askedAt + maxInactiveAge)
    }
    if (!isActive) words.forget(digest)
    return { outcome: judged, word: isActive ? { kind: 'active', askedAt } : INACTIVE }
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

  /** `request` is that of a token that nobody has vouched for. */
  function join(digest: string, token: string, request?: GuardRequest): Promise<Asked> | Asked {
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
    if (isRequestBound()) return ask(digest, token)
    const asked = ask(digest, token).finally(() => open.delete(digest))
    open.set(digest, asked)
    return asked
  }

  async function verify(token: string, request: GuardRequest): Promise<TokenOutcome> {
    if (token.length > MAX_TOKEN || !isTokenText(token))
      return { ok: false, reason: 'malformed_token' }
    const digest = await sha256Base64url(token)
    const answer =
      active.get(digest) ?? inactive.get(digest) ?? (await join(digest, token, request)).outcome
    if (!answer.ok) return answer
    const { claims } = answer
    const reason = checkClaims(claims, options, now())
    return reason === undefined ? answer : { ok: false, reason, clientId: claims.client_id }
  }

  async function askWithin(token: string, within: number): Promise<Word> {
    const digest = await sha256Base64url(token)
    const held = words.get(digest, within)
    if (held !== undefined) return held
    // Of a token that the issuer alone can read there is an answer, which may be new enough.
    if (active.get(digest, within) !== undefined) return { kind: 'active', askedAt: now() - within }
    const refused = inactive.get(digest)
    if (refused !== undefined && !refused.ok && refused.reason === 'inactive') return INACTIVE
    const { word } = await join(digest, token)
    if (word.kind === 'active') words.set(digest, word, word.askedAt, word.askedAt + LONGEST)
    return word
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

function unavailable(retryAfter: number): Asked {
  return {
    outcome: { ok: false, reason: 'introspection_unavailable', retryAfter },
    word: { kind: 'unknown', retryAfter },
  }
}
