import { JSON_OPTION, type OptionDefinitions } from '../command.ts'

/** Who asks which server for what: the options of every command that gets a token. */
export const TOKEN_OPTIONS: OptionDefinitions = {
  issuer: {
    value: 'URL',
    help: 'The issuer identifier of the authorization server; its metadata says the rest',
    env: 'COUNTERSIGN_ISSUER',
  },
  'token-endpoint': {
    value: 'URL',
    help: 'The token endpoint itself, for a server without metadata',
    env: 'COUNTERSIGN_TOKEN_ENDPOINT',
  },
  'client-id': { value: 'ID', help: 'The client', env: 'COUNTERSIGN_CLIENT_ID' },
  'secret-file': {
    value: 'PATH',
    help: 'The file with the client secret',
    env: 'COUNTERSIGN_CLIENT_SECRET_FILE, or the secret itself in COUNTERSIGN_CLIENT_SECRET',
  },
  scope: {
    value: 'SCOPE',
    repeats: true,
    help: 'A scope to ask for',
    default: 'what the server gives unasked',
  },
  resource: {
    value: 'URI',
    repeats: true,
    help: 'The API the token is for (RFC 8707)',
    default: 'what the server infers',
  },
  audience: { value: 'NAME', help: 'What some servers take in place of a resource' },
  'auth-method': {
    value: 'METHOD',
    help: 'client_secret_basic or client_secret_post',
    default: 'the best the metadata offers, else client_secret_basic',
  },
  'basic-encoding': {
    value: 'ENCODING',
    help: 'How Basic writes the credentials: form, as the standard says, or raw for servers that do not decode',
    default: 'form',
  },
  parameter: {
    value: 'NAME=TEXT',
    repeats: true,
    help: 'A further parameter that the server wants',
  },
  timeout: {
    value: 'SPAN',
    help: 'How long one exchange with the server may take, such as 500ms or 30s',
    default: '10s',
  },
  ...JSON_OPTION,
}

/** What the help of these commands says about secrets. */
export const SECRET_SOURCES: readonly string[] = [
  'The secret comes from --secret-file, else COUNTERSIGN_CLIENT_SECRET, else the file that',
  'COUNTERSIGN_CLIENT_SECRET_FILE names; never from the command line.',
]
