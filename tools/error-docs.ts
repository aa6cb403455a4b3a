/**
 * Writes the tables of docs/errors.md out of the catalogues in the code. What stands above the marker
 * is written by hand and stays.
 *
 * `--check` writes nothing; the exit code is 1 where the page and the catalogues differ.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EXIT_CODES } from '@countersign/cli'
import { ERROR_CATALOGUE, type ArgumentErrorCode } from '@countersign/client'
import { DENIAL_REASONS, type GuardErrorCode } from '@countersign/guard'
import {
  REFUSAL_REASONS,
  type AdministrationErrorCode,
  type ServerErrorCode,
} from '@countersign/server'

/** A code in the documentation. Cells are Markdown. */
interface Entry {
  readonly meaning: string
  readonly cure: string
}

/** One table of the page. */
interface Section {
  readonly title: string
  readonly text: string
  /** The heading of the first column: what kind of name it holds. */
  readonly kind: string
  /** Headings of the columns between the name and its meaning. */
  readonly columns: readonly string[]
  readonly rows: readonly (readonly [name: string, cells: readonly string[], entry: Entry])[]
}

/** The page's path. */
export const ERROR_DOCS: string = join(import.meta.dirname, '..', 'docs', 'errors.md')

/** The line below which the page belongs to this program. */
const MARKER =
  '<!-- Below this line the page is written by `node -C @countersign/source tools/error-docs.ts`. -->'

// These have no catalogue at run time. The types make each list complete, and no longer than that.

const ARGUMENT_ERRORS: Readonly<Record<ArgumentErrorCode, Entry>> = {
  ERR_ARGUMENT_MISSING: {
    meaning: 'A required option was left out.',
    cure: 'Give the option that `option` names.',
  },
  ERR_ARGUMENT_TYPE: {
    meaning: 'An option is of the wrong type.',
    cure: 'The message says which type it must have.',
  },
  ERR_ARGUMENT_VALUE: {
    meaning: 'An option is of the right type and cannot be used.',
    cure: 'The message says what would be accepted. It never quotes what was given.',
  },
  ERR_ARGUMENT_UNKNOWN: {
    meaning: 'There is no option of that name.',
    cure: 'The message names the nearest one there is.',
  },
}

const GUARD_ERRORS: Readonly<Record<GuardErrorCode, Entry>> = {
  ERR_KEYS_UNAVAILABLE: {
    meaning: "`ready()` could not load the issuer's keys.",
    cure: 'Look at the `load_failed` events. Requests try again by themselves.',
  },
  ERR_REVOCATIONS_UNAVAILABLE: {
    meaning: '`ready()` could not load the revocation feed of the issuer.',
    cure: 'Look at the `revocations_failed` events. Requests try again by themselves.',
  },
  ERR_MARKS_FULL: {
    meaning:
      '`revoke` was called with as many marks as `maxMarks` allows, all of which still serve.',
    cure: 'Raise `maxMarks`, or mark clients in place of single tokens. Nothing was marked.',
  },
  ERR_NOT_GUARDED: {
    meaning: 'A Fastify handler asked who was calling, and its route has no guard before it.',
    cure: "Put the hook that is asked before the route: `onRequest`, or `addHook('onRequest', …)`.",
  },
}

const SERVER_ERRORS: Readonly<Record<ServerErrorCode, Entry>> = {
  ERR_SIGNING_KEY: {
    meaning: 'No signing key of an algorithm can be used with the master keys and signers given.',
    cure: 'Give every master key and signer that signing keys were made with; see the operations page.',
  },
  ERR_SIGNER: {
    meaning:
      'A `Signer` failed, was late, or gave what cannot be used. The request was answered with 503.',
    cure: 'Look at the KMS or HSM. The cause is what the signer threw.',
  },
  ERR_CLAIMS: {
    meaning: 'The `claims` hook failed, was late, or gave claims that it may not set.',
    cure: 'The message names the claim or the fault. The request was answered with 500.',
  },
  ERR_CLOSED: {
    meaning: 'The server or the store was closed.',
    cure: 'Call `close()` after the last use, or make another one.',
  },
  ERR_STORE: {
    meaning: 'The store failed, or is one that this version cannot read.',
    cure: 'Check the path, the permissions and the disk. The cause says what the system said.',
  },
  ERR_AUDIT: {
    meaning:
      'The change was made (`applied` is true), but the audit log, which lives elsewhere than the registry, cannot be written.',
    cure: 'Do not make it again: look at what there is. A secret that was made with it was not shown; rotate it. Keep the audit log in the store of the registry, which writes both or neither.',
  },
  ERR_REPLAY_STORE: {
    meaning: 'The replay store did not tell a first use from a second when it was tried out.',
    cure: 'The message says what it did. Give one that can: SQLite, PostgreSQL or Redis.',
  },
  ERR_KEYS: {
    meaning: 'Keys that a client or a trusted issuer publishes could not be fetched.',
    cure: 'The message says whose and why. Check that the address can be reached from the server. The client may try again.',
  },
  ERR_OVERLOADED: {
    meaning: 'More slow checks of imported secrets are asked for than are made at a time.',
    cure: 'Look for guessing in the events; replace imported secrets by generated ones.',
  },
}

const ADMINISTRATION_ERRORS: Readonly<Record<AdministrationErrorCode, Entry>> = {
  client_exists: {
    meaning: 'There is a client of that identifier.',
    cure: 'Rotate its secret, or choose another identifier.',
  },
  client_unknown: {
    meaning: 'There is no client of that identifier.',
    cure: 'List the clients, or create it. The message names the nearest one.',
  },
  credential_unknown: {
    meaning: 'The client has no such credential.',
    cure: 'List the clients: each is shown with its credentials.',
  },
  too_many_credentials: {
    meaning: 'The client would have more than 50 credentials that are not retired.',
    cure: 'Retire those that are not used any more: the list of clients shows their last use, and which are safe to retire. Or rotate with a shorter overlap.',
  },
  issuer_exists: {
    meaning: 'The issuer is registered already.',
    cure: 'Enable it if it is disabled.',
  },
  issuer_unknown: {
    meaning: 'There is no trusted issuer of that identifier.',
    cure: 'Register it first. Identifiers are compared letter by letter.',
  },
  resource_exists: {
    meaning: 'There is a resource of that URI.',
    cure: 'Grant its scopes, or choose another URI.',
  },
  resource_unknown: {
    meaning: 'There is no resource of that URI.',
    cure: 'List the resources, or create it. URIs are compared letter by letter.',
  },
  scope_unknown: {
    meaning: 'The resource has no such scope.',
    cure: 'Grant a scope that the resource declares.',
  },
  authorization_details_unknown: {
    meaning: 'The resource takes no authorization details of that type.',
    cure: 'Grant a type that the resource declares.',
  },
  signing_key_unknown: {
    meaning: 'There is no signing key of that `kid`.',
    cure: 'List the signing keys.',
  },
  algorithm_unavailable: {
    meaning: 'The runtime has no such signature algorithm.',
    cure: 'ML-DSA needs Node 24.6 or later. Choose another algorithm, or upgrade.',
  },
  conflict: {
    meaning: 'Others changed the registry at the same time, several times in a row.',
    cure: 'Try again.',
  },
  master_key_wrong: {
    meaning: 'The master keys open none of the signing keys in the registry.',
    cure: 'Give the master keys that the server of this registry runs with.',
  },
}

const SECTIONS: readonly Section[] = [
  {
    title: 'Client errors',
    text: 'A `TokenError` with this `code`. `retryable` says whether the same call may succeed later.',
    kind: 'Code',
    columns: [],
    rows: rows(ERROR_CATALOGUE, () => []),
  },
  {
    title: 'Guard denials',
    text: 'The `reason` of a verdict and of a `denied` event. The caller sees status and error.',
    kind: 'Reason',
    columns: ['Status', 'Error'],
    rows: rows(DENIAL_REASONS, ({ status, error }) => [
      String(status),
      error === undefined ? 'none' : code(error),
    ]),
  },
  {
    title: 'Server refusals',
    text: 'The `reason` of a `token.refused`, `introspection.refused`, `revocation.refused` or `usage.refused` event. The client sees status and error; reasons that a stranger must not tell apart look the same outside.',
    kind: 'Reason',
    columns: ['Status', 'Error'],
    rows: rows(REFUSAL_REASONS, ({ status, error }) => [String(status), code(error)]),
  },
  {
    title: 'Exit codes',
    text: 'How the `countersign` command ends. It says what went wrong and the cure of the case on standard error; with `--json` as one object `{"error":{"code":…,"message":…,"cure":…}}`, whose `code` is one of this page, an OAuth error, or the name of the exit code.',
    kind: 'Exit code',
    columns: ['Name'],
    rows: Object.entries(EXIT_CODES).map(([name, entry]) => [
      String(entry.code),
      [code(name)],
      entry,
    ]),
  },
  {
    title: 'Argument errors',
    text: 'An `ArgumentError` with this `code`: a function was called with options it cannot use. Thrown at once, before any I/O. `option` names the option.',
    kind: 'Code',
    columns: [],
    rows: rows(ARGUMENT_ERRORS, () => []),
  },
  {
    title: 'Administration errors',
    text: 'An `AdministrationError` with this `code`: the registry was not changed.',
    kind: 'Code',
    columns: [],
    rows: rows(ADMINISTRATION_ERRORS, () => []),
  },
  {
    title: 'Server faults',
    text: 'A `ServerError` with this `code`: a fault of the server or what it stands on, never of a request.',
    kind: 'Code',
    columns: [],
    rows: rows(SERVER_ERRORS, () => []),
  },
  {
    title: 'Guard faults',
    text: 'A `GuardError` with this `code`. Requests are never answered with it: they get a verdict.',
    kind: 'Code',
    columns: [],
    rows: rows(GUARD_ERRORS, () => []),
  },
]

/** The page as the catalogues want it: what `page` has above the marker, and the tables. */
export function errorDocs(page: string): string {
  const opening = page.split(MARKER, 1)[0]?.trimEnd() ?? ''
  return `${[opening, MARKER, ...SECTIONS.map(formatSection)].join('\n\n')}\n`
}

/** Every name that the page must have a row for, by the title of its section. */
export function documentedNames(): ReadonlyMap<string, readonly string[]> {
  return new Map(SECTIONS.map(({ title, rows: all }) => [title, all.map(([name]) => name)]))
}

function rows<T extends Entry>(
  catalogue: Readonly<Record<string, T>>,
  cells: (entry: T) => readonly string[],
): Section['rows'] {
  return Object.entries(catalogue).map(([name, entry]) => [name, cells(entry), entry])
}

function formatSection({ title, text, kind, columns, rows: all }: Section): string {
  const headings = [kind, ...columns, 'Meaning', 'Cure']
  const lines = [
    formatRow(headings),
    formatRow(headings.map(() => '---')),
    ...all.map(([name, cells, { meaning, cure }]) =>
      formatRow([code(name), ...cells, meaning, cure]),
    ),
  ]
  return `## ${title}\n\n${text}\n\n${lines.join('\n')}`
}

function formatRow(cells: readonly string[]): string {
  return `| ${cells.map(escapeCell).join(' | ')} |`
}

/** A bar would end the cell, and outside code an angle bracket would open a tag. */
function escapeCell(text: string): string {
  return text.replaceAll(/`[^`]*`|<|\|/g, (part) =>
    part === '<' ? '&lt;' : part.replaceAll('|', '\\|'),
  )
}

function code(text: string): string {
  return `\`${text}\``
}

if (process.argv[1] === import.meta.filename) {
  const page = readFileSync(ERROR_DOCS, 'utf8')
  const wanted = errorDocs(page)
  const differs = page !== wanted
  if (!process.argv.includes('--check')) writeFileSync(ERROR_DOCS, wanted)
  else if (differs) {
    console.error('docs/errors.md and the catalogues differ')
    console.error('cure: node -C @countersign/source tools/error-docs.ts')
    process.exitCode = 1
  }
}
