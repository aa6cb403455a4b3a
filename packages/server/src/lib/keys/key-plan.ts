import { ArgumentError, assertKnownOptions, optionalNumber } from '@countersign/protocol'
import type { SigningAlgorithm, SigningKeyRecord } from '../registry/records.ts'
import { CLOCK_TOLERANCE, isPublished, retiredKeys, RETAIN } from './key-schedule.ts'

/** The schedule of signing keys, in milliseconds. */
export interface KeyRotation {
  /** How long a key signs before the next one takes over. Default 90 days. */
  readonly every: number
  /** How long a key is published before it signs: the time verifiers have to learn it. Default 14 days. */
  readonly announce: number
  /** How long a key stays published once its last token has expired. Default 1 hour. */
  readonly retain: number
}

/**
 * The schedule out of its option; `undefined` for `'off'`.
 *
 * Throws: `ArgumentError`, also where a key would not have been announced before it is due.
 */
export function keyRotation(
  caller: string,
  option: Partial<KeyRotation> | 'off' = {},
): KeyRotation | undefined {
  if (option === 'off') return undefined
  assertKnownOptions(`${caller}: 'keyRotation'`, option, ['every', 'announce', 'retain'])
  const span = (name: keyof KeyRotation, fallback: number, min: number): number =>
    optionalNumber(caller, `keyRotation.${name}`, option[name], { fallback, min, max: 3650 * DAY })
  const rotation = {
    every: span('every', 90 * DAY, 1000),
    announce: span('announce', 14 * DAY, 0),
    retain: span('retain', RETAIN, 0),
  }
  if (rotation.announce < rotation.every) return rotation
  throw new ArgumentError(
    'ERR_ARGUMENT_VALUE',
    'keyRotation.announce',
    `${caller}: 'keyRotation.announce' must be shorter than 'keyRotation.every'`,
  )
}

const DAY = 86_400_000

/** What is to be done about the keys of one algorithm. */
export interface KeyPlan {
  readonly alg: SigningAlgorithm
  /** The instant from which a new key is to sign; `undefined` where none is to be made. */
  readonly createFrom: number | undefined
  /** Records that change, as they are to be: earlier keys that get an end. */
  readonly retired: readonly SigningKeyRecord[]
  /** Keys whose time is over: their private halves are to be destroyed. */
  readonly over: readonly SigningKeyRecord[]
}

/**
 * Decides what the keys of one algorithm need at `now`. Every node decides alike.
 *
 * A key is made where nobody would sign, or where the newest one will have signed its time once the
 * new one has been announced. An algorithm that is not `needed` gets no new key, and its last one is
 * withdrawn when its time is over. Without a `rotation`, only what is missing is made.
 */
export function planKeys(
  alg: SigningAlgorithm,
  keys: Iterable<SigningKeyRecord>,
  {
    now,
    needed,
    rotation,
    longestLifetimeSeconds,
  }: {
    readonly now: number
    readonly needed: boolean
    readonly rotation: KeyRotation | undefined
    readonly longestLifetimeSeconds: number
  },
): KeyPlan {
  const own = Array.from(keys).filter((key) => key.alg === alg)
  const published = own.filter((key) => isPublished(key, now))
  const plan: KeyPlan = {
    alg,
    createFrom: undefined,
    retired: [],
    over: own.filter((key) => !isPublished(key, now)),
  }
  const retain = rotation?.retain ?? RETAIN
  const retired = (signsFrom: number): readonly SigningKeyRecord[] =>
    retiredKeys(published, { now, signsFrom, longestLifetimeSeconds, retain })
  const succeed = (signsFrom: number): KeyPlan => ({
    ...plan,
    createFrom: signsFrom,
    retired: retired(signsFrom),
  })

  if (needed && !published.some((key) => key.signsFrom <= now)) {
    return succeed(now - CLOCK_TOLERANCE)
  }
  const announce = rotation?.announce ?? 0
  const lasting = published.filter((key) => key.withdrawAt === null)
  if (lasting.length === 0) {
    if (!needed) return plan
    // Whatever is left was to have a successor, and that one is gone.
    const end = Math.max(...published.map((key) => key.withdrawAt ?? 0))
    const latest = end - longestLifetimeSeconds * 1000 - retain
    return succeed(Math.max(now, Math.min(now + announce, latest)))
  }
  if (rotation === undefined) return plan
  const due = Math.max(...lasting.map((key) => key.signsFrom)) + rotation.every
  if (!needed) return now < due ? plan : { ...plan, retired: retired(now) }
  return now < due - announce ? plan : succeed(Math.max(due, now + announce))
}
