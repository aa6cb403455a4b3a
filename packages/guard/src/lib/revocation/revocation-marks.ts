import {
  ArgumentError,
  assertKnownOptions,
  optionalFunction,
  optionalNumber,
  optionalString,
  requiredString,
  type AccessTokenClaims,
} from '@countersign/protocol'
import { GuardError } from '../guard/guard-error.ts'
import { onceKnown } from '../once-known.ts'
import { perToken } from './per-token.ts'
import { REVOKED, STANDS, type RevocationSource } from './revocation-check.ts'

/** What a mark is about. */
export type MarkTarget =
  /** One token, by its `jti`. */
  | 'token'
  /** A client, by its `client_id`. */
  | 'client'
  /** A credential of a client, by the `credential_id` claim that Countersign's tokens have. */
  | 'credential'
  /** A key of the issuer, by its thumbprint (RFC 7638). */
  | 'signing_key'
  /** An API, by its identifier in `aud`. */
  | 'resource'
  /** A subject, by `sub`. */
  | 'subject'
  /** Everything of an issuer, by `iss`. */
  | 'issuer'

/** Which tokens a mark ends, and for how long it is kept. */
export interface MarkOptions {
  /**
   * Tokens issued (`iat`) at or before this instant end, and opaque ones of which the issuer does not say
   * when it issued them; `Infinity` for all, for as long as the mark stands. Epoch milliseconds. Default now; `Infinity` for a token and for a key, since who has a key
   * writes what `iat` they like.
   */
  readonly issuedUntil?: number
  /** Only tokens of this issuer. Default: of any. */
  readonly issuer?: string
  /** From then on no token that it ends can be alive. Epoch milliseconds. Default: by `maxTokenLife`. */
  readonly expiresAt?: number
}

export interface RevocationMarksOptions {
  /** Most marks that are held. Default 100,000. */
  readonly maxMarks?: number
  /** The longest that a token lives. Milliseconds, default 30 days. */
  readonly maxTokenLife?: number
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/** Marks that end tokens before their time, set by the owner of the API. A source for guards. */
export interface RevocationMarks extends RevocationSource {
  /**
   * Ends tokens, at the next request: in this process, for every guard that has these marks. A mark for
   * the same thing as one that stands ends what either does.
   *
   * Throws: `GuardError` (`ERR_MARKS_FULL`) where there are `maxMarks` that still serve, and then
   * nothing is changed; `ArgumentError` for what cannot be a mark.
   */
  revoke(target: MarkTarget, id: string, options?: MarkOptions): void
  /** Takes a mark away. Gives whether there was one. */
  restore(target: MarkTarget, id: string, options?: Pick<MarkOptions, 'issuer'>): boolean
  /** How many marks are held. */
  count(): number
}

const DAY = 86_400_000
/** The most that a guard lets clocks differ: so long a token lives beyond its end. Milliseconds. */
const MAX_CLOCK_TOLERANCE = 60_000
/** Longest identifier, in characters. */
const MAX_ID = 1024
/** Fewer marks are not worth a look for those that have served. */
const LEAST_SWEEP = 1024
const TARGETS: readonly MarkTarget[] = [
  'token',
  'client',
  'credential',
  'signing_key',
  'resource',
  'subject',
  'issuer',
]

interface Mark {
  readonly issuedUntil: number
  readonly expiresAt: number
}

/**
 * Marks that are set in this process: from an administrator's page, or from events of another system.
 *
 * A mark is forgotten when the last token that it can end has ended by itself, so `maxTokenLife` must
 * not be less than what tokens live. A check is a lookup, however many marks there are.
 * Throws: `ArgumentError` for wrong options.
 */
export function revocationMarks(options: RevocationMarksOptions = {}): RevocationMarks {
  const { maxMarks, maxTokenLife, now } = readOptions(options)
  const marks = new Map<string, Mark>()
  let version = 0
  let sweepAt = LEAST_SWEEP

  function sweep(at: number): void {
    for (const [name, { expiresAt }] of marks) if (expiresAt <= at) marks.delete(name)
    sweepAt = Math.max(LEAST_SWEEP, marks.size * 2)
  }

  const isEnded = perToken(
    () => version,
    (claims, key) => namesOf(claims, key).some((name) => reaches(marks.get(name), claims)),
  )

  const source: RevocationSource = () => (claims, key) =>
    marks.size === 0
      ? STANDS
      : onceKnown(isEnded(claims, key), (ended) => (ended ? REVOKED : STANDS))

  return Object.assign(source, {
    revoke(target: MarkTarget, id: string, about: MarkOptions = {}) {
      const at = now()
      assertKnownOptions('revoke', about, ['issuer', 'issuedUntil', 'expiresAt'])
      const given: MarkOptions = about
      const name = readName('revoke', target, id, given.issuer)
      const mark = readMark(target, given, { at, maxTokenLife })
      const before = marks.get(name)
      if (before === undefined && marks.size >= Math.min(sweepAt, maxMarks)) sweep(at)
      if (before === undefined && marks.size >= maxMarks) {
        const message = `there are ${maxMarks} revocation marks that still serve`
        throw new GuardError('ERR_MARKS_FULL', message, { retryable: false })
      }
      version++
      marks.set(name, {
        issuedUntil: Math.max(mark.issuedUntil, before?.issuedUntil ?? 0),
        expiresAt: Math.max(mark.expiresAt, before?.expiresAt ?? 0),
      })
    },
    restore(target: MarkTarget, id: string, about: Pick<MarkOptions, 'issuer'> = {}) {
      assertKnownOptions('restore', about, ['issuer'])
      const { issuer }: Pick<MarkOptions, 'issuer'> = about
      const there = marks.delete(readName('restore', target, id, issuer))
      if (there) version++
      return there
    },
    count: () => marks.size,
  })
}

function reaches(mark: Mark | undefined, { iat }: AccessTokenClaims): boolean {
  return mark !== undefined && iat * 1000 <= mark.issuedUntil
}

/** Every name by which a mark can be about this token: of its issuer, and of any. */
function namesOf(
  { iss, sub, aud, jti, client_id: clientId, all }: AccessTokenClaims,
  key: string | undefined,
): readonly string[] {
  const credentialId = all['credential_id']
  const names = [
    nameOf('token', jti),
    nameOf('client', clientId),
    nameOf('subject', sub),
    nameOf('issuer', iss),
    ...aud.map((one) => nameOf('resource', one)),
  ]
  if (typeof credentialId === 'string') names.push(nameOf('credential', credentialId))
  if (key !== undefined) names.push(nameOf('signing_key', key))
  return names.flatMap((name) => [name, `${iss}${name}`])
}

/** An issuer, before it, and a target hold no blank: so the identifier may. */
function nameOf(target: MarkTarget, id: string): string {
  return ` ${target} ${id}`
}

function readName(caller: string, target: MarkTarget, id: string, ofIssuer: unknown): string {
  if (!TARGETS.includes(target)) {
    throw new ArgumentError(
      'ERR_ARGUMENT_VALUE',
      'target',
      `${caller}: 'target' must be one of ${TARGETS.join(', ')}`,
    )
  }
  const known = requiredString(caller, 'id', id)
  if (known.length > MAX_ID) {
    const message = `${caller}: 'id' must have at most ${MAX_ID} characters`
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'id', message)
  }
  const issuer = optionalString(caller, 'issuer', ofIssuer) ?? ''
  if (/\s/.test(issuer) || issuer.length > MAX_ID) {
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'issuer', `${caller}: 'issuer' must be a URL`)
  }
  return issuer + nameOf(target, known)
}

function readMark(
  target: MarkTarget,
  options: MarkOptions,
  { at, maxTokenLife }: { readonly at: number; readonly maxTokenLife: number },
): Mark {
  const always = target === 'token' || target === 'signing_key'
  const instant = (name: 'issuedUntil' | 'expiresAt', fallback: number): number =>
    optionalNumber('revoke', name, options[name], { fallback, min: 0, max: Infinity })
  const issuedUntil = instant('issuedUntil', always ? Infinity : at)
  // A token that is named by its `jti` has been issued: the others of its name are yet to come.
  const lastIssued = target === 'token' ? at : Math.max(issuedUntil, at)
  return {
    issuedUntil,
    expiresAt: instant('expiresAt', lastIssued + maxTokenLife) + MAX_CLOCK_TOLERANCE,
  }
}

function readOptions(options: RevocationMarksOptions): Required<RevocationMarksOptions> {
  const caller = 'revocationMarks'
  assertKnownOptions(caller, options, ['maxMarks', 'maxTokenLife', 'now'])
  const given: RevocationMarksOptions = options
  return {
    maxMarks: optionalNumber(caller, 'maxMarks', given.maxMarks, {
      fallback: 100_000,
      min: 1,
      max: 10_000_000,
    }),
    maxTokenLife: optionalNumber(caller, 'maxTokenLife', given.maxTokenLife, {
      fallback: 30 * DAY,
      min: 1000,
      max: 3650 * DAY,
    }),
    now: optionalFunction(caller, 'now', given.now, Date.now),
  }
}
