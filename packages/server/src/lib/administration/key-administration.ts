import { assertKnownOptions, optionalNumber } from '@countersign/protocol'
import { retiredKeys } from '../keys/key-schedule.ts'
import { generateSigningKey } from '../keys/signing-key.ts'
import type { SigningKeyRecord } from '../registry/records.ts'
import type { RegistryChange } from '../registry/registry-store.ts'
import type { RegistryEditor } from './registry-editor.ts'

/** A signing key without its private half. */
export type SigningKeySummary = Omit<SigningKeyRecord, 'sealedPrivateKey'>

/** Changes to signing keys. */
export interface KeyAdministration {
  /**
   * Makes a signing key that is published at once and signs after `announce` milliseconds, by default
   * 10 minutes: the time verifiers have to learn it. The keys before it stay published until the last
   * token they can have signed has expired, and an hour longer.
   *
   * With `announce: 0` it signs at once; verifiers then must look for an unknown key by themselves.
   */
  rotateSigningKey(options?: { readonly announce?: number }): Promise<SigningKeySummary>
  /** Every signing key, withdrawn ones included, in the order they sign from. */
  listSigningKeys(): Promise<readonly SigningKeySummary[]>
}

/** The administration of signing keys over one editor. */
export function keyAdministration(editor: RegistryEditor): KeyAdministration {
  return {
    async rotateSigningKey(options = {}) {
      const caller = 'rotateSigningKey'
      assertKnownOptions(caller, options, ['announce'])
      const announce = optionalNumber(caller, 'announce', options.announce, {
        fallback: 600_000,
        min: 0,
        max: 31_536_000_000,
      })
      const now = editor.now()
      const signsFrom = now + announce
      const record = generateSigningKey(editor.keyRing, { createdAt: now, signsFrom })
      return editor.edit((snapshot) => {
        const lifetimes = Array.from(snapshot.resources.values(), (one) => one.tokenLifetimeSeconds)
        const retired = retiredKeys(snapshot.signingKeys.values(), {
          now,
          signsFrom,
          longestLifetimeSeconds: Math.max(3600, ...lifetimes),
        })
        const changes: RegistryChange[] = [
          { kind: 'signing_key', record, require: 'absent' },
          ...retired.map((one) => ({
            kind: 'signing_key' as const,
            record: one,
            require: { unchangedSince: snapshot.revision },
          })),
        ]
        return { changes, result: summary(record) }
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

function summary(record: SigningKeyRecord): SigningKeySummary {
  const { sealedPrivateKey: _sealed, ...rest } = record
  return rest
}
