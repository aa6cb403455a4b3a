import type { Issuer } from '@countersign/protocol'
import type { ClaimsPolicy } from '../token/check-claims.ts'
import type { TokenOutcome } from '../token/token-verifier.ts'
import { answerMemory } from './answer-memory.ts'
import { introspectedToken } from './introspected-token.ts'
import type { IntrospectionSettings } from './introspection-options.ts'
import type { SharedAnswer } from './shared-answers.ts'
import type { Word } from './token-confirmer.ts'

/** What an answer says. */
export interface Heard {
  readonly outcome: TokenOutcome
  /** What of it counts for a token that was verified by its key. */
  readonly word: Word
}

/** What an issuer said about tokens, by the digest of each, for as long as it is used. */
export interface HeldAnswers {
  outcome(digest: string): TokenOutcome | undefined
  /** Its word, not older than so many milliseconds. */
  word(digest: string, within: number): Word | undefined
  /** Holds an answer. */
  hold(digest: string, answer: SharedAnswer): Heard
  /** Holds an answer from elsewhere, unless there is one as new here. Gives whether it is held. */
  take(digest: string, answer: SharedAnswer): boolean
  /** Holds the word of an answer besides, where it may be used for longer. */
  holdWord(digest: string, word: Word): void
}

/** Longest that a word is held, milliseconds: no route may want to know less often. */
const LONGEST = 3_600_000
const INACTIVE: Word = { kind: 'inactive' }

/** Holds answers in memory: so many active ones, a tenth of the others, apart. */
export function heldAnswers({
  issuer,
  introspection: { maxAge, maxInactiveAge, maxEntries },
  now,
  policy,
}: {
  readonly issuer: Issuer
  readonly introspection: IntrospectionSettings
  readonly now: () => number
  readonly policy: ClaimsPolicy
}): HeldAnswers {
  const active = answerMemory<TokenOutcome>(maxEntries, now)
  // Apart, so that junk cannot push out what is good.
  const inactive = answerMemory<TokenOutcome>(Math.ceil(maxEntries / 10), now)
  // On tokens that were verified by their keys: for them it may be used for longer.
  const words = answerMemory<Word>(maxEntries, now)

  function hold(digest: string, { members, askedAt }: SharedAnswer): Heard {
    const isActive = members['active'] === true
    const outcome = introspectedToken(members, { issuer, id: digest, askedAt, maxAge, policy })
    if (outcome.ok) {
      const until = Math.min(outcome.claims.exp * 1000, askedAt + maxAge)
      active.set(digest, outcome, askedAt, until)
    } else {
      active.forget(digest)
      inactive.set(digest, outcome, askedAt, askedAt + maxInactiveAge)
    }
    if (!isActive) words.forget(digest)
    return { outcome, word: isActive ? { kind: 'active', askedAt } : INACTIVE }
  }

  return {
    outcome: (digest) => active.get(digest) ?? inactive.get(digest),
    word(digest, within) {
      const held = words.get(digest, within)
      if (held !== undefined) return held
      // Of a token that the issuer alone can read there is an answer, which may be new enough.
      if (active.get(digest, within) !== undefined) {
        return { kind: 'active', askedAt: now() - within }
      }
      const refused = inactive.get(digest)
      return refused?.ok === false && refused.reason === 'inactive' ? INACTIVE : undefined
    },
    hold,
    take(digest, answer) {
      const age = now() - answer.askedAt
      if (inactive.get(digest) !== undefined || active.get(digest, age) !== undefined) return false
      hold(digest, answer)
      return true
    },
    holdWord(digest, word) {
      if (word.kind === 'active') words.set(digest, word, word.askedAt, word.askedAt + LONGEST)
    },
  }
}
