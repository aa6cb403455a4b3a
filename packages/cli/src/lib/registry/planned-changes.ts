import { recordKey, type RegistryChange, type ServerStore } from '@countersign/server'
import { printable } from '../text/printable.ts'
import { isoTimeOrNull } from '../text/time-in-words.ts'

/** A store that notes what would be written, in `planned`, and writes nothing. */
export function planningStore(store: ServerStore, planned: RegistryChange[]): ServerStore {
  const { registry } = store
  return {
    ...store,
    // What is not done is not written down either.
    audit: { ...store.audit, append: async () => {} },
    registry: {
      ...registry,
      async apply(changes) {
        planned.push(...changes)
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
export function plannedText(planned: readonly RegistryChange[], json: boolean): string {
  if (json) {
    const changes = planned.map((change) => ({
      kind: change.kind,
      key: recordKey(change),
      action: actionOf(change),
      record: shown(change),
    }))
    return `${JSON.stringify({ dry_run: true, changes })}\n`
  }
  const lines = planned.map(
    (change) =>
      `would ${actionOf(change)} ${change.kind.replace('_', ' ')} ${printable(recordKey(change))}: ` +
      `${printable(JSON.stringify(shown(change)))}\n`,
  )
  return `${lines.join('')}dry run: nothing was written\n`
}

function actionOf({ require }: RegistryChange): 'create' | 'change' {
  return require === 'absent' || require === 'first' ? 'create' : 'change'
}

/** Members that say nothing to people, or that only a server may see. */
const LEFT_OUT: readonly string[] = ['digest', 'hash', 'sealedPrivateKey', 'sealedSecret']

/** Members that are instants, epoch milliseconds or null. */
const INSTANTS: readonly string[] = [
  'createdAt',
  'expiresAt',
  'notAfter',
  'signsFrom',
  'withdrawAt',
]

/** A record in the form that `--json` has everywhere: names in snake_case, instants in ISO 8601. */
function shown({ record }: RegistryChange): Readonly<Record<string, unknown>> {
  const members = Object.entries(record).filter(([name]) => !LEFT_OUT.includes(name))
  return Object.fromEntries(
    members.map(([name, value]: [string, unknown]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      INSTANTS.includes(name) && typeof value === 'number' ? isoTimeOrNull(value) : value,
    ]),
  )
}
