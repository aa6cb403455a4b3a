import type { ErrorCode, TokenError } from '@countersign/client'
import { ArgumentError } from '@countersign/protocol'
import type { AdministrationErrorCode, ServerErrorCode } from '@countersign/server'
import type { OptionDefinitions } from '../command.ts'
import { CommandFailure } from './command-failure.ts'
import type { ExitName } from './exit-codes.ts'
import { toCommandWords } from './command-words.ts'

/**
 * Turns whatever a command threw into a failure with one line of what and one of the cure, in the words
 * of its `options`; without them, of all commands.
 *
 * An error that is not foreseen shows its kind only: its message may hold anything.
 */
export async function explainFailure(
  error: unknown,
  options?: OptionDefinitions,
): Promise<CommandFailure> {
  if (error instanceof CommandFailure) return error
  if (error instanceof ArgumentError) return argumentFailure(error, options)
  if (hasName(error, 'AdministrationError')) return administrationFailure(error)
  if (hasName(error, 'ServerError')) return serverFailure(error)
  if (isSystemError(error)) return systemFailure(error)
  if (isCoded(error) && error.code === 'ERR_UNKNOWN_BUILTIN_MODULE') return oldNodeFailure(error)
  // Loaded here only: most commands that fail have nothing to do with tokens.
  const { ERROR_CATALOGUE, isTokenError } = await import('@countersign/client')
  if (isTokenError(error)) return tokenFailure(error, ERROR_CATALOGUE[error.code].cure, options)
  const kind = error instanceof Error ? error.name : typeof error
  return new CommandFailure('fault', `an unforeseen fault (${kind})`, {
    cure: 'Run it again with COUNTERSIGN_DEBUG=1 and report what it prints',
    cause: error,
  })
}

const TOKEN_EXITS: Readonly<Record<ErrorCode, ExitName>> = {
  ERR_NETWORK: 'unreachable',
  ERR_TIMEOUT: 'unreachable',
  ERR_CLOSED: 'fault',
  ERR_METADATA_NOT_FOUND: 'peer',
  ERR_METADATA_ISSUER: 'peer',
  ERR_METADATA_INVALID: 'peer',
  ERR_CREDENTIAL: 'configuration',
  ERR_AUTH_METHOD: 'configuration',
  ERR_REFUSED: 'refused',
  ERR_RESPONSE_STATUS: 'peer',
  ERR_RESPONSE_BODY: 'peer',
  ERR_RESPONSE_MEMBER: 'peer',
  ERR_RESPONSE_TOO_LARGE: 'peer',
  ERR_RESPONSE_REDIRECT: 'peer',
  ERR_NO_TOKEN: 'peer',
  ERR_INSECURE_URL: 'usage',
  ERR_ORIGIN_NOT_ALLOWED: 'usage',
  ERR_CROSS_ORIGIN_REDIRECT: 'api',
  ERR_TOO_MANY_REDIRECTS: 'api',
  ERR_BODY_NOT_REPLAYABLE: 'api',
  ERR_PROOF: 'configuration',
  ERR_BUDGET: 'unreachable',
  ERR_STORE: 'configuration',
  ERR_STORE_ENTRY: 'configuration',
  ERR_PRIVATE_ADDRESS: 'usage',
  ERR_RESOURCE_METADATA: 'peer',
  ERR_RESOURCE_MISMATCH: 'peer',
  ERR_ISSUER_NOT_ALLOWED: 'configuration',
}

/** What is better said to who types a command than to who writes a program. */
const TOKEN_CURES: Readonly<Record<string, string>> = {
  unauthorized_client:
    'Grant it something: countersign grant CLIENT RESOURCE SCOPE; at another server, register it for client_credentials',
}

function tokenFailure(
  error: TokenError,
  catalogueCure: string,
  options: OptionDefinitions | undefined,
): CommandFailure {
  const { code, hint } = error
  // A 503 is an outage, not a broken protocol: a script may try again.
  const outage = code === 'ERR_RESPONSE_STATUS' && error.retryable
  const message = hint === undefined ? error.message : error.message.slice(0, -`. ${hint}`.length)
  return new CommandFailure(outage ? 'unreachable' : TOKEN_EXITS[code], message, {
    code: error.oauth?.error ?? code,
    cure: TOKEN_CURES[error.oauth?.error ?? code] ?? toCommandWords(hint ?? catalogueCure, options),
    cause: error,
  })
}

function argumentFailure(
  error: ArgumentError,
  options: OptionDefinitions | undefined,
): CommandFailure {
  return new CommandFailure(
    'usage',
    // The function's name at the front means nothing on a command line.
    toCommandWords(error.message.replace(/^[A-Za-z ]+: /, ''), options),
    {
      code: error.code,
      cure:
        error.option === 'value'
          ? 'Write it as the certificate has it: openssl x509 -noout -subject -ext subjectAltName -in FILE'
          : `Check ${toCommandWords(`'${error.option}'`, options)}`,
      cause: error,
    },
  )
}

const ADMINISTRATION_CURES: Readonly<Record<AdministrationErrorCode, string>> = {
  client_exists: 'Choose another ID, or give it another secret: countersign client rotate ID',
  client_unknown: 'See what there is: countersign client list',
  credential_unknown: 'See what there is: countersign credential list',
  too_many_credentials:
    'Retire one that is not used any more: countersign credential list CLIENT, countersign credential retire ID',
  issuer_exists: 'Where it is disabled, enable it: countersign issuer enable URL',
  issuer_unknown: 'Register it: countersign issuer create URL',
  resource_exists: 'Grant its scopes, or choose another URI: countersign resource list',
  resource_unknown: 'See what there is: countersign resource list',
  scope_unknown: 'See what there is: countersign resource list',
  authorization_details_unknown: 'See what there is: countersign resource list',
  signing_key_unknown: 'See what there is: countersign key list',
  algorithm_unavailable: 'Run it on a newer Node, or choose another algorithm',
  conflict: 'Try again',
  master_key_wrong: 'Give the right ones: --master-key-file PATH or COUNTERSIGN_MASTER_KEYS',
}

function administrationFailure(error: Coded): CommandFailure {
  const { code, message } = error
  const cure = ADMINISTRATION_CURES[code as AdministrationErrorCode] ?? 'Try again'
  return new CommandFailure('registry', message, { code, cure, cause: error })
}

const SERVER_CURES: Readonly<Record<ServerErrorCode, string>> = {
  ERR_SIGNING_KEY:
    'Give the master keys this database was made with: --master-key-file PATH or COUNTERSIGN_MASTER_KEYS',
  ERR_STORE: 'Check that --db names a Countersign database, and its permissions and disk',
  ERR_AUDIT: 'Look at the store of the audit log, and at what there is: the change was made',
  ERR_SIGNER: 'Look at the KMS or HSM that signing keys are kept in',
  ERR_CLAIMS: 'Look at the hook that adds claims to tokens',
  ERR_REPLAY_STORE: 'Give a replay store that tells a first use from a second',
  ERR_CLOSED: 'Start it again',
  ERR_KEYS: 'Check that the address of the keys can be reached from here',
  ERR_OVERLOADED: 'Try again in a moment',
}

function serverFailure(error: Coded): CommandFailure {
  const { code } = error
  // What SQLite itself says is one of its constant texts, such as "file is not a database".
  const { errstr } = (error.cause ?? {}) as { readonly errstr?: unknown }
  const message = typeof errstr === 'string' ? `${error.message}: ${errstr}` : error.message
  const cure = SERVER_CURES[code as ServerErrorCode] ?? 'Try again'
  return new CommandFailure('configuration', message, { code, cure, cause: error })
}

interface Coded extends Error {
  readonly code: string
}

/** The database is the one module of Node that an old Node lacks. */
function oldNodeFailure(error: Coded): CommandFailure {
  return new CommandFailure('configuration', `this Node (${process.version}) has no SQLite`, {
    code: error.code,
    cure: 'Run it with Node 22.13 or later: see node --version',
    cause: error,
  })
}

/** By name, so that the server is not loaded only to ask whether it failed. */
function hasName(error: unknown, name: string): error is Coded {
  return isCoded(error) && error.name === name
}

function isCoded(error: unknown): error is Coded {
  return error instanceof Error && 'code' in error
}

interface SystemError extends Coded {
  readonly syscall: string
  readonly path?: string
}

function isSystemError(error: unknown): error is SystemError {
  return isCoded(error) && 'syscall' in error
}

function systemFailure(error: SystemError): CommandFailure {
  const { code, syscall, path } = error
  return new CommandFailure(
    'configuration',
    `${path ?? 'the system'}: ${syscall} failed (${code})`,
    { code, cure: 'Check the path, its permissions and the disk', cause: error },
  )
}
