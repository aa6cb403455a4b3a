import {
  isJsonObject,
  MAX_SEALED,
  openText,
  parseJsonObject,
  sealText,
  storeName,
  type JsonObject,
  type SealFault,
  type StoreKey,
} from '@countersign/protocol'
import { isRequestBound } from '@countersign/verify'
import { patientStore, type StoreFault } from './patient-store.ts'
import type { AnswerSharingSettings } from './sharing-options.ts'

/** Why the shared store, or an entry of it, was of no use. */
export type SharingFault =
  | StoreFault
  | SealFault
  /** The clock of the instance that asked is more than 5 s ahead of ours, or ours is behind. */
  | 'clock'

/** What an issuer said about a token, and when it was asked. */
export interface SharedAnswer {
  readonly members: JsonObject
  /** Epoch milliseconds. */
  readonly askedAt: number
}

/** What the store held about a token. */
export interface Sighting {
  readonly answer: SharedAnswer | undefined
  /** What stands under each name: whoever has asked since may replace it, whatever it is. */
  readonly seen: ReadonlyMap<string, string>
}

/** Tells of what the store did not do. `retryAt` is `undefined` where only one entry was of no use. */
export type SharingReport = (
  operation: 'read' | 'write',
  fault: SharingFault,
  retryAt?: number,
) => void

/** The answers that the instances of an API share. */
export interface SharedAnswers {
  /**
   * Looks once however many requests want to know; `take` is given what was found before any of them goes
   * on. `undefined` at once where the store rests. Never rejects.
   */
  look(
    digest: string,
    take: (answer: SharedAnswer) => void,
  ): Promise<Sighting | undefined> | undefined
  /** Keeps an answer in place of an older one. Never rejects; nobody should wait for it. */
  keep(digest: string, answer: SharedAnswer, sighting: Sighting | undefined): Promise<void>
}

/** Looks that may be open at one time. */
const MAX_OPEN = 1000
/** How far the clock of another instance may be ahead, milliseconds. */
const CLOCK_TOLERANCE = 5000
/** Counted here so that entries of another form are never looked for. */
const FORMAT = 'countersign answer 1'
const DAY = 86_400_000
const INACTIVE: JsonObject = { active: false }

/**
 * Shares answers through a store. They are found under an HMAC of the digest of the token and of all that
 * makes an answer this API's own: who else uses the store, with the same keys even, does not find them.
 *
 * Each is sealed for its name together with the instant at which the issuer was asked, from which its life
 * counts wherever it is used. Of `active: false` that alone is kept. An entry that cannot be opened or read
 * is none, is told, and is replaced by the next answer.
 */
export function sharedAnswers({
  shared: { store, ring, timeout },
  identity,
  longest,
  now,
  report,
}: {
  readonly shared: AnswerSharingSettings
  /** All that makes an answer this API's own. */
  readonly identity: readonly unknown[]
  /** Longest that anybody uses an answer, milliseconds. */
  readonly longest: number
  readonly now: () => number
  readonly report: SharingReport
}): SharedAnswers {
  const patient = patientStore({ timeout, now })
  const about = JSON.stringify([FORMAT, ...identity])
  const open = new Map<string, Promise<Sighting | undefined>>()

  async function namesOf(digest: string): Promise<readonly Name[]> {
    const keys = await ring()
    return Promise.all(
      keys.map(async (key) => ({ key, name: await storeName(key, `${about}\n${digest}`) })),
    )
  }

  async function sight(digest: string): Promise<Sighting> {
    const names = await namesOf(digest)
    const texts = await Promise.all(names.map(({ name }) => store.get(name)))
    const seen = new Map<string, string>()
    const answers: SharedAnswer[] = []
    for (const [at, { key, name }] of names.entries()) {
      const text = texts[at]
      if (text === undefined) continue
      seen.set(name, text)
      const answer = await read(key, name, text)
      if (typeof answer === 'string') report('read', answer)
      else answers.push(answer)
    }
    // Each key makes a name of its own: an instance that is a step behind in a rotation may know it better.
    const [newest] = answers.toSorted((one, other) => other.askedAt - one.askedAt)
    return { answer: newest, seen }
  }

  async function read(
    key: StoreKey,
    name: string,
    text: unknown,
  ): Promise<SharedAnswer | SharingFault> {
    if (typeof text !== 'string') return 'format'
    const opened = await openText([key], text, name)
    if (!opened.ok) return opened.fault
    const entry = parseJsonObject(opened.text)
    if (!entry.ok) return 'format'
    const { askedAt, members } = entry.value
    if (typeof askedAt !== 'number' || !isJsonObject(members)) return 'format'
    const at = now()
    if (askedAt > at + CLOCK_TOLERANCE) return 'clock'
    return { members, askedAt: Math.min(askedAt, at) }
  }

  async function write(
    digest: string,
    { members, askedAt }: SharedAnswer,
    seen: ReadonlyMap<string, string> | undefined,
  ): Promise<void> {
    const isActive = members['active'] === true
    const ends = isActive ? endOf(members) : Infinity
    const ttl = Math.floor(Math.min(ends, askedAt + longest) - now())
    if (!(ttl >= 1)) return
    const names = await namesOf(digest)
    const text = JSON.stringify({ askedAt, members: isActive ? members : INACTIVE })
    // Past the end of any answer, and the same for instances whose options differ for a while.
    const expiresAt = Math.trunc(askedAt) + DAY
    // What ended must be found under no name any more.
    for (const { key, name } of isActive ? names.slice(0, 1) : names) {
      const value = await sealText(key, text, name)
      if (value.length > MAX_SEALED) return report('write', 'too_long')
      await store.replaceIfNewer(name, { value, expiresAt, ttl, replacing: seen?.get(name) })
    }
  }

  return {
    look(digest, take) {
      const underway = open.get(digest)
      if (underway !== undefined) return underway
      if (open.size >= MAX_OPEN || patient.isResting()) return undefined
      const looked = patient
        .within(
          () => sight(digest),
          (fault, retryAt) => report('read', fault, retryAt),
        )
        .then((sighting) => {
          if (sighting?.answer !== undefined) take(sighting.answer)
          return sighting
        })
      // Where requests must not wait for each other, each looks for itself.
      if (isRequestBound()) return looked
      const flight = looked.finally(() => open.delete(digest))
      open.set(digest, flight)
      return flight
    },
    async keep(digest, answer, sighting) {
      if (patient.isResting()) return
      await patient.within(
        () => write(digest, answer, sighting?.seen),
        (fault, retryAt) => report('write', fault, retryAt),
      )
    },
  }
}

/** One name of an answer in the store, and the key of the ring that makes it. */
interface Name {
  readonly key: StoreKey
  readonly name: string
}

function endOf({ exp }: JsonObject): number {
  return typeof exp === 'number' ? exp * 1000 : Infinity
}
