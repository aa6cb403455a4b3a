import { recordKey, type RegistryChange, type ServerStore } from '@countersign/server'
import { jsonMembers } from '../text/json-members.ts'
import { printable } from '../text/printable.ts'

/** A change that `--dry-run` shows and nobody makes. */
export interface PlannedChange {
  /** What it is a record of, such as `client`. */
  readonly kind: string
  /** What it is known by. */
  readonly key: string
  readonly action: 'create' | 'change'
  /** As `--json` gives it; nothing secret is in it. */
  readonly record: Readonly<Record<string, unknown>>
}

/** A store that notes what would be written, in `planned`, and writes nothing. */
export function planningStore(store: ServerStore, planned: PlannedChange[]): ServerStore {
  const { registry } = store
  return {
    ...store,
    // What is not done is not written down either.
    audit: { ...store.audit, append: async () => {} },
    registry: {
      ...registry,
      async apply(changes) {
        planned.push(...changes.map(plannedChange))
        // No revision is made: nobody else can see one.
        return {
          applied: true,
          revision: (await registry.changesSince(Number.MAX_SAFE_INTEGER)).revision,
        }
      },
    },
  }
}

/** What `--dry-run` prints: the records that would be written. */
export function plannedText(planned: readonly PlannedChange[], json: boolean): string {
  if (json) return `${JSON.stringify({ dry_run: true, changes: planned })}\n`
  const lines = planned.map(
    ({ kind, key, action, record }) =>
      `would ${action} ${kind.replaceAll('_', ' ')} ${printable(key)}: ` +
      `${printable(JSON.stringify(record))}\n`,
  )
  return `${lines.join('') || 'there is nothing to change\n'}dry run: nothing was written\n`
}

/** Members that say nothing to people, or that only a server may see. */
const LEFT_OUT: readonly string[] = ['digest', 'hash', 'sealedPrivateKey', 'sealedSecret']

function makesRecord(require: RegistryChange['require']): boolean {
  if (typeof require === 'object') return 'aloneSince' in require
  return require === 'absent' || require === 'first'
}

function plannedChange(change: RegistryChange): PlannedChange {
  const { kind, require, record } = change
  const members = Object.entries(record).filter(([name]) => !LEFT_OUT.includes(name))
  return {
    kind,
    key: recordKey(change),
    action: makesRecord(require) ? 'create' : 'change',
    record: jsonMembers(Object.fromEntries(members)),
  }
}
