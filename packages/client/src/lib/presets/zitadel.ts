import { assertKnownOptions } from '@countersign/protocol'
import { scopesOf, type Preset } from './preset.ts'
import { baseAddress, pathPart } from './provider-address.ts'

/** A ZITADEL instance and the project that is called. */
export interface ZitadelOptions {
  /** `https://shop-a1b2.zitadel.cloud`, or your own. */
  readonly address: string
  /** The project whose API is called: it becomes an audience of the token. */
  readonly projectId?: string
  /** Further scopes. `openid`, which it demands, is always sent. */
  readonly scope?: string | readonly string[]
}

/**
 * ZITADEL, for a service user with a client secret.
 *
 * Throws: `ArgumentError`. Source: ZITADEL documentation, "Client credentials".
 */
export function zitadel(options: ZitadelOptions): Preset {
  assertKnownOptions('zitadel', options, ['address', 'projectId', 'scope'])
  const { projectId }: ZitadelOptions = options
  const address = baseAddress('zitadel', 'address', options.address)
  const project =
    projectId === undefined
      ? []
      : [`urn:zitadel:iam:org:project:id:${pathPart('zitadel', 'projectId', projectId)}:aud`]
  const scope = ['openid', ...project, ...scopesOf('zitadel', options.scope)]
  return {
    issuer: address,
    tokenEndpoint: `${address}/oauth/v2/token`,
    authMethod: 'client_secret_basic',
    scope: [...new Set(scope)],
  }
}
