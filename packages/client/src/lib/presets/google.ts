import {
  ArgumentError,
  assertKnownOptions,
  isJsonObject,
  optionalString,
} from '@countersign/protocol'
import type { GrantClientOptions } from '../create-client.ts'
import { jwtBearerGrant } from '../grants/jwt-bearer-grant.ts'
import { signedAssertion } from '../grants/signed-assertion.ts'
import { demanded, demandedScopes } from './preset.ts'

/** A Google service account with a key, and what it asks for. */
export interface GoogleOptions {
  /** What the key file holds, parsed. Its addresses are not followed: Google's own are built in. */
  readonly serviceAccount: GoogleServiceAccountKey
  /** `https://www.googleapis.com/auth/cloud-platform` and so on. */
  readonly scope: string | readonly string[]
  /** The user to act for, where the account may do so for its whole domain. */
  readonly subject?: string
}

/** The members of a service account's key file that are used. */
export interface GoogleServiceAccountKey {
  readonly client_email: string
  readonly private_key: string
  readonly private_key_id?: string
}

/**
 * Google's APIs with a service account's key. Google has no client credentials grant: the account signs
 * an assertion and trades it for a token.
 *
 * Inside Google Cloud and wherever workload identity federation is to be had, prefer that to a key.
 * Throws: `ArgumentError`. Source: Google Identity, "Using OAuth 2.0 for Server to Server
 * Applications"; RFC 7523 section 2.1.
 *
 * @example const auth = createClient(google({ serviceAccount, scope }))
 */
export function google(
  options: GoogleOptions,
): Pick<GrantClientOptions, 'tokenEndpoint' | 'grant' | 'scope'> {
  assertKnownOptions('google', options, ['serviceAccount', 'scope', 'subject'])
  const { serviceAccount }: GoogleOptions = options
  if (!isJsonObject(serviceAccount)) {
    const message = "google: 'serviceAccount' must be the parsed key file of a service account"
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'serviceAccount', message)
  }
  const cure = 'a member of the key file of a service account'
  const member = (name: string): string =>
    demanded('google', `serviceAccount.${name}`, serviceAccount[name], cure)
  const kid = optionalString(
    'google',
    'serviceAccount.private_key_id',
    serviceAccount['private_key_id'],
  )
  const sub = optionalString('google', 'subject', options.subject)
  return {
    tokenEndpoint: 'https://oauth2.googleapis.com/token',
    scope: demandedScopes(
      'google',
      options.scope,
      'such as https://www.googleapis.com/auth/cloud-platform',
    ),
    grant: jwtBearerGrant(
      signedAssertion({
        key: member('private_key'),
        iss: member('client_email'),
        alg: 'RS256',
        scopeClaim: true,
        ...(kid !== undefined && { kid }),
        ...(sub !== undefined && { sub }),
      }),
    ),
  }
}
