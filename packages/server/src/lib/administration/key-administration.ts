import { assertKnownOptions, optionalNumber, requiredString } from '@countersign/protocol'
import { longestLifetime } from '../keys/key-keeper.ts'
import { CLOCK_TOLERANCE, isPublished, retiredKeys, signingKeyAt } from '../keys/key-schedule.ts'
import { resealedSigningKey } from '../keys/signing-key.ts'
import { signingKeyChanges } from '../keys/signing-key-changes.ts'
import type { RevocationRecord, SigningAlgorithm, SigningKeyRecord } from '../registry/records.ts'
import type { RegistrySnapshot } from '../registry/snapshot.ts'
import { AdministrationError } from './administration-error.ts'
import { parseAlgorithm } from './parse-algorithm.ts'
import type { RegistryEditor } from './registry-editor.ts'

/** A signing key without its private half. */
export type SigningKeySummary = Omit<SigningKeyRecord, 'sealedPrivateKey'>

/** Changes to signing keys. */
export interface KeyAdministration {
  /**
   * Makes a signing key that is published at once and signs after `announce` milliseconds, by default
   * 10 minutes: the time verifiers have to learn it. The keys of its algorithm (default ES256) before
   * it stay published until the last token they can have signed has expired, and an hour longer.
   *
   * With `announce: 0` it signs at once; verifiers then must look for an unknown key by themselves.
   * Throws: `algorithm_unavailable`.
   */
  rotateSigningKey(options?: {
    readonly announce?: number
    readonly algorithm?: SigningAlgorithm
  }): Promise<SigningKeySummary>
  /**
   * Ends a signing key in an emergency: it is withdrawn at once, its private half is destroyed, and
   * every token it ever signed is revoked. Where it was the one that signs, the announced successor
   * takes over at once, or a new key does.
   *
   * Verifiers that keep the key set of this server go on accepting its tokens until they read it anew,
   * within 5 minutes by the headers it is sent with. Throws: `signing_key_unknown`.
   */
  revokeSigningKey(kid: string): Promise<{
    readonly revoked: SigningKeySummary
    /** The key that signs from now on. */
    readonly successor: SigningKeySummary
  }>
  /**
   * Seals signing keys anew that are sealed under an older master key, so that it can be left out.
   *
   * Secrets of clients keep the master key they were made under, for nobody here has them: rotate those
   * that are older than the current one before the old one goes. `unopened` keys are sealed under a
   * master key that is not among those given.
   */
  resealSigningKeys(): Promise<{
    readonly resealed: readonly string[]
    readonly unopened: readonly string[]
  }>
  /** Every signing key, withdrawn ones included, in the order they sign from. */
  listSigningKeys(): Promise<readonly SigningKeySummary[]>
}

/** The administration of signing keys over one editor. */
export function keyAdministration(editor: RegistryEditor): KeyAdministration {
  const { custody, keyRing } = editor

  /** A key that was made for nothing would stay in its signer for ever: nobody knows its name. */
  async function discard(record: SigningKeyRecord): Promise<void> {
    if (record.externalKey === null || !custody.canDestroy(record)) return
    // What was asked for is decided already: a signer that fails at this takes nothing back.
    await custody.destroy(record).catch(() => {})
  }

  /** The edit; where it is refused for certain, the key that was made for it goes. */
  async function editWith<T>(
    made: SigningKeyRecord | undefined,
    decide: Parameters<typeof editor.edit<T>>[0],
  ): Promise<T> {
    try {
      return await editor.edit(decide)
    } catch (error) {
      if (made !== undefined && error instanceof AdministrationError) await discard(made)
      throw error
    }
  }

  return {
    async rotateSigningKey(options = {}) {
      const caller = 'rotateSigningKey'
      assertKnownOptions(caller, options, ['announce', 'algorithm'])
      const announce = optionalNumber(caller, 'announce', options.announce, {
        fallback: 600_000,
        min: 0,
        max: 31_536_000_000,
      })
      const alg = parseAlgorithm(caller, 'algorithm', options.algorithm)
      const now = editor.now()
      const signsFrom = now + announce
      // Before anything is made: a key in a signer would stay there for nothing.
      await editor.check()
      const record = await custody.create(alg, { createdAt: now, signsFrom })
      return editWith(record, (snapshot) => {
        const retired = retiredKeys(ofAlgorithm(snapshot, alg), {
          now,
          signsFrom,
          longestLifetimeSeconds: longestLifetime(snapshot),
        })
        const changes = signingKeyChanges(snapshot, [record, ...retired])
        return { changes, result: summary(record) }
      })
    },
    async revokeSigningKey(kid) {
      requiredString('revokeSigningKey', 'kid', kid)
      const now = editor.now()
      const view = await editor.check()
      const { alg } = knownKey(view, kid)
      const spare =
        successorOf(view, kid, now) === undefined
          ? await custody.create(alg, { createdAt: now, signsFrom: now })
          : undefined
      const ended = await editWith(spare, (snapshot) => {
        const record = knownKey(snapshot, kid)
        const found = successorOf(snapshot, kid, now) ?? spare
        if (found === undefined) throw new AdministrationError('conflict', 'try again')
        // No clock that is a little behind may go on with the one or wait for the other.
        const at = now - CLOCK_TOLERANCE
        const successor = { ...found, signsFrom: Math.min(found.signsFrom, at) }
        const revoked = {
          ...record,
          withdrawAt: Math.min(record.withdrawAt ?? Infinity, at),
          sealedPrivateKey: null,
          masterKeyVersion: 0,
        }
        const revocation = { kind: 'revocation', record: mark(snapshot, kid, now) } as const
        const changes = [
          ...signingKeyChanges(snapshot, [revoked, successor]),
          { ...revocation, require: 'none' as const },
        ]
        return { changes, result: { revoked: summary(revoked), successor: summary(successor) } }
      })
      // Somebody else was quicker with a successor.
      if (spare !== undefined && ended.successor.kid !== spare.kid) await discard(spare)
      return ended
    },
    async resealSigningKeys() {
      return editor.edit((snapshot) => {
        const old = Array.from(snapshot.signingKeys.values()).filter(
          ({ sealedPrivateKey, masterKeyVersion }) =>
            sealedPrivateKey !== null && masterKeyVersion !== keyRing.current.version,
        )
        const resealed = old.map((record) => resealedSigningKey(keyRing, record))
        const records = resealed.filter((record) => record !== undefined)
        const unopened = old.filter((_record, index) => resealed[index] === undefined)
        return {
          changes: records.length === 0 ? [] : signingKeyChanges(snapshot, records),
          result: {
            resealed: records.map(({ kid }) => kid),
            unopened: unopened.map(({ kid }) => kid),
          },
        }
      })
    },
    async listSigningKeys() {
      const { signingKeys } = await editor.read()
      return Array.from(signingKeys.values(), summary).toSorted(
        (left, right) => left.signsFrom - right.signsFrom,
      )
    },
  }
}

function knownKey({ signingKeys }: RegistrySnapshot, kid: string): SigningKeyRecord {
  const known = signingKeys.get(kid)
  if (known !== undefined) return known
  throw new AdministrationError(
    'signing_key_unknown',
    'there is no signing key of that kid; list the signing keys',
  )
}

function ofAlgorithm(snapshot: RegistrySnapshot, alg: SigningAlgorithm): SigningKeyRecord[] {
  return Array.from(snapshot.signingKeys.values()).filter((key) => key.alg === alg)
}

/** Who signs once a key is gone: whoever signs anyway, else the next one announced. */
function successorOf(
  snapshot: RegistrySnapshot,
  kid: string,
  now: number,
): SigningKeyRecord | undefined {
  const { alg } = knownKey(snapshot, kid)
  const keys = ofAlgorithm(snapshot, alg)
  const signing = signingKeyAt(
    keys.map((record) => ({ record })),
    alg,
    now,
  )?.record
  if (signing !== undefined && signing.kid !== kid) return signing
  // A key that has an end was succeeded by the one that is revoked: it would not last.
  return keys
    .filter((key) => key.kid !== kid && isPublished(key, now) && key.withdrawAt === null)
    .toSorted((left, right) => left.signsFrom - right.signsFrom)[0]
}

const DAY = 86_400_000

function mark(snapshot: RegistrySnapshot, kid: string, now: number): RevocationRecord {
  return {
    target: 'signing_key',
    id: kid,
    // Whoever has the key writes what `iat` they like.
    notAfter: Number.MAX_SAFE_INTEGER,
    // By then no verifier can hold the withdrawn key, however long it went without a look.
    expiresAt: now + longestLifetime(snapshot) * 1000 + 30 * DAY,
    createdAt: now,
  }
}

function summary(record: SigningKeyRecord): SigningKeySummary {
  const { sealedPrivateKey: _sealed, ...rest } = record
  return rest
}
