import { ArgumentError, assertKnownOptions, isScopeToken } from '@countersign/protocol'
import { demanded, type Preset, type ProofOptions } from './preset.ts'
import { baseAddress } from './provider-address.ts'

/** Your own authorization server, as Snowflake trusts it by an External OAuth integration. */
export interface SnowflakeOptions extends ProofOptions {
  /** The authorization server's issuer: `https://sso.example.com/realms/shop`. */
  readonly issuer: string
  /** The role that sessions have, as Snowflake writes it: `ANALYST`. */
  readonly role: string
}

/**
 * Snowflake's SQL API with External OAuth: tokens are your own server's, and name a role. Calls say
 * beside the token of which kind it is.
 *
 * Where your server maps roles itself, as Entra does, write its own `scope` after the preset.
 * Throws: `ArgumentError`. Source: Snowflake documentation, "External OAuth overview" and
 * "Authenticating to the SQL API".
 */
export function snowflake(options: SnowflakeOptions): Preset {
  assertKnownOptions('snowflake', options, ['issuer', 'role', 'clientAuthentication'])
  const { issuer, clientAuthentication }: SnowflakeOptions = options
  // Checked here, kept letter by letter: issuers compare as plain strings.
  baseAddress('snowflake', 'issuer', issuer)
  const role = demanded(
    'snowflake',
    'role',
    options.role,
    'the role of the session, such as ANALYST',
  )
  const scope = `session:role:${role}`
  if (!isScopeToken(scope)) {
    const message = "snowflake: 'role' must be a name without blanks and quotes"
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'role', message)
  }
  return {
    issuer,
    scope: [scope],
    quirks: {
      presentation: {
        header: 'authorization',
        scheme: 'Bearer',
        headers: { 'x-snowflake-authorization-token-type': 'OAUTH' },
      },
    },
    ...(clientAuthentication !== undefined && { clientAuthentication }),
  }
}
