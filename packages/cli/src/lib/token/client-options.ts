import {
  fromFile,
  type ClientOptions,
  type ClientSecretMethod,
  type SecretSource,
} from '@countersign/client'
import type { BasicEncoding } from '@countersign/protocol'
import type { Call } from '../command.ts'
import { CommandFailure } from '../errors/command-failure.ts'
import { parseDuration } from '../text/duration.ts'
import { namesAndTexts } from '../text/names-and-texts.ts'
import { scopeList } from '../text/scope-list.ts'

/**
 * The client that the options and the environment of a call describe. An option wins over its
 * variable; an empty variable counts as none.
 *
 * Throws: `CommandFailure`: configuration where a setting is missing, usage where one is misshapen.
 * The client itself checks the rest.
 */
export function clientOptions(call: Call): ClientOptions {
  const { arguments: given, io, now } = call
  const clientId = setting(call, 'client-id', 'COUNTERSIGN_CLIENT_ID')
  if (clientId === undefined) {
    throw missing('there is no client ID', 'Set COUNTERSIGN_CLIENT_ID, or give --client-id ID')
  }
  const timeout = given.text('timeout')
  const audience = given.text('audience')
  const authMethod = given.text('auth-method') as ClientSecretMethod | undefined
  const basicEncoding = given.text('basic-encoding') as BasicEncoding | undefined
  return {
    ...server(call),
    clientId,
    clientSecret: secretSource(call),
    scope: scopeList(given.list('scope')),
    resource: given.list('resource'),
    parameters: namesAndTexts('parameter', given.list('parameter')),
    now,
    ...(audience !== undefined && { audience }),
    ...(authMethod !== undefined && { authMethod }),
    ...(basicEncoding !== undefined && { basicEncoding }),
    ...(timeout !== undefined && { timeout: parseDuration('timeout', timeout, '10m') }),
    ...(io.fetch !== undefined && { fetch: io.fetch }),
  }
}

function server(call: Call): Pick<ClientOptions, 'issuer' | 'tokenEndpoint'> {
  const { arguments: given, io } = call
  let issuer = given.text('issuer')
  let tokenEndpoint = given.text('token-endpoint')
  // One of them on the command line says which server is meant: the environment may mean another.
  if (issuer === undefined && tokenEndpoint === undefined) {
    issuer = io.env['COUNTERSIGN_ISSUER'] || undefined
    tokenEndpoint = io.env['COUNTERSIGN_TOKEN_ENDPOINT'] || undefined
  }
  if (issuer === undefined && tokenEndpoint === undefined) {
    throw missing(
      'there is no authorization server to ask',
      'Set COUNTERSIGN_ISSUER, or give --issuer URL; countersign dev starts one',
    )
  }
  return {
    ...(issuer !== undefined && { issuer }),
    ...(tokenEndpoint !== undefined && { tokenEndpoint }),
  }
}

function secretSource(call: Call): SecretSource {
  const { env } = call.io
  const file = call.arguments.text('secret-file')
  if (file !== undefined) return fromFile(file)
  const secret = env['COUNTERSIGN_CLIENT_SECRET']
  if (secret !== undefined && secret !== '') return () => secret
  const fileInEnv = env['COUNTERSIGN_CLIENT_SECRET_FILE']
  if (fileInEnv !== undefined && fileInEnv !== '') return fromFile(fileInEnv)
  throw missing(
    'there is no client secret',
    'Set COUNTERSIGN_CLIENT_SECRET, or give --secret-file PATH; never on the command line',
  )
}

function setting(
  { arguments: given, io }: Call,
  option: string,
  variable: string,
): string | undefined {
  return given.text(option) ?? (io.env[variable] || undefined)
}

function missing(message: string, cure: string): CommandFailure {
  return new CommandFailure('configuration', message, { cure })
}
