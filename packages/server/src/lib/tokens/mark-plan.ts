import type { RevocationRecord } from '../registry/records.ts'
import { markKey, type RegistryChange } from '../registry/registry-store.ts'
import { isCovered } from '../registry/revocation-marks.ts'
import type { RegistrySnapshot } from '../registry/snapshot.ts'
import { LONGEST_LIFE, VERIFIER_TOLERANCE } from './live-marks.ts'

/**
 * Marks on single tokens that one client may have alive: 1,000.
 *
 * A client that ends each of its tokens when its work is done stays below: sixteen a minute that live an
 * hour. One that makes and ends tokens in a loop would else fill the store, the memory of every node and
 * the feed that every guard loads, which refuses one that is too long and then everybody's tokens.
 */
const MAX_MARKS = 1000

/** A token that its client ends. */
export interface EndedToken {
  readonly clientId: string
  readonly jti: string
  /** Seconds, as in the token. */
  readonly iat: number
  /** Seconds, as in the token. */
  readonly exp: number
}

/** What to write so that a token is ended. */
export interface MarkPlan {
  readonly changes: readonly RegistryChange[]
  /** What one of the changes stands for, where marks are merged. */
  readonly merged: MergedMarks | undefined
}

/** Marks on tokens that one mark on their client stands for. */
export interface MergedMarks {
  /** Every token of the client that was issued until then is ended. Epoch milliseconds. */
  readonly notAfter: number
  /** The marks that may go. */
  readonly keys: readonly string[]
  /** The revision at which they were read. */
  readonly revision: number
}

/**
 * The mark that ends a token; `undefined` where one that is there ends it already.
 *
 * Where the client has 1,000 already, the older half of them becomes one mark on the client, which ends
 * what each of them ended, and with it every other token that the client got until then: it asks for
 * another one. No token comes back to life. To refuse the request would leave a token alive that somebody
 * wants dead, for up to 30 days; so what suffers is a client that makes too many, in a way that it
 * recovers from, and nobody else.
 *
 * Source: RFC 7009 section 2.1: revoking one token may revoke related ones.
 */
export function markPlan(
  snapshot: RegistrySnapshot,
  token: EndedToken,
  now: number,
): MarkPlan | undefined {
  const { revocations, revision } = snapshot
  const { clientId, jti } = token
  const known = revocations.get(markKey('token', jti))
  const ofClient = revocations.get(markKey('client', clientId))
  // The token's own time, not the present: it may be of a node whose clock is ahead.
  const notAfter = Math.ceil(token.iat) * 1000
  const mark: RevocationRecord = {
    target: 'token',
    id: jti,
    notAfter: Math.max(notAfter, known?.notAfter ?? 0),
    expiresAt: Math.max(Math.ceil(token.exp) * 1000 + VERIFIER_TOLERANCE, known?.expiresAt ?? 0),
    createdAt: now,
    clientId,
  }
  if (known !== undefined && isCovered(mark, known)) return undefined
  if (ofClient !== undefined && isCovered(mark, ofClient)) return undefined
  const change: RegistryChange = { kind: 'revocation', record: mark, require: 'none' }
  if (snapshot.tokenMarks(clientId) < MAX_MARKS) return { changes: [change], merged: undefined }

  const marks = Array.from(revocations.values()).filter((one) => one.clientId === clientId)
  const ordered = [...marks, mark].toSorted((left, right) => left.notAfter - right.notAfter)
  const until = ordered[Math.floor(ordered.length / 2)]?.notAfter ?? mark.notAfter
  const older = marks.filter((one) => one.notAfter <= until)
  const merging: RevocationRecord = {
    target: 'client',
    id: clientId,
    notAfter: Math.max(until, ofClient?.notAfter ?? 0),
    expiresAt: [mark, ...older].reduce(
      (latest, one) => Math.max(latest, one.expiresAt),
      Math.max(until + LONGEST_LIFE + VERIFIER_TOLERANCE, ofClient?.expiresAt ?? 0),
    ),
    createdAt: now,
  }
  // An administrator or another node may be at it: a mark that ends more must not end less afterwards.
  const require = ofClient === undefined ? 'absent' : { unchangedSince: revision }
  const rest = isCovered(mark, merging) ? [] : [change]
  return {
    changes: [{ kind: 'revocation', record: merging, require }, ...rest],
    merged: {
      notAfter: merging.notAfter,
      keys: older.map(({ target, id }) => markKey(target, id)),
      revision,
    },
  }
}
