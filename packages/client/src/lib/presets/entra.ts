import { ArgumentError, assertKnownOptions } from '@countersign/protocol'
import { demanded, secretOrProof, type Preset, type ProofOptions } from './preset.ts'
import { oneOf, pathPart } from './provider-address.ts'

/** The hosts of Microsoft's clouds. */
const CLOUDS = {
  public: 'login.microsoftonline.com',
  'us-government': 'login.microsoftonline.us',
  china: 'login.partner.microsoftonline.cn',
} as const

/** A Microsoft Entra tenant and the API that is called. */
export interface EntraOptions extends ProofOptions {
  /** The tenant's id or one of its domains. Not `common` and its kin: a machine belongs to a tenant. */
  readonly tenant: string
  /** The API with `/.default`: `https://graph.microsoft.com/.default`, `api://<id>/.default`. */
  readonly scope: string
  /** Default `public`. */
  readonly cloud?: keyof typeof CLOUDS
}

/** Names that stand for "whatever tenant the user is of". There is no user here. */
const NO_TENANT: readonly string[] = ['common', 'organizations', 'consumers']

/**
 * Microsoft Entra ID, version 2 endpoint. Its `refresh_in` is obeyed: tokens are renewed when it says.
 *
 * With a certificate: `privateKeyJwt({ alg: 'PS256', certificate, … })`. The assertion is addressed to
 * the token endpoint, as Entra demands, since no issuer is given.
 * Throws: `ArgumentError`. Source: Microsoft identity platform documentation, "OAuth 2.0 client
 * credentials flow".
 */
export function entra(options: EntraOptions): Preset {
  assertKnownOptions('entra', options, ['tenant', 'scope', 'cloud', 'clientAuthentication'])
  const { cloud = 'public', clientAuthentication }: EntraOptions = options
  const tenant = pathPart('entra', 'tenant', options.tenant)
  if (NO_TENANT.includes(tenant.toLowerCase())) {
    const message =
      "entra: 'tenant' must be the id or a domain of one tenant: client credentials have no user to tell it from"
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'tenant', message)
  }
  const cure = "one API with '/.default', such as https://graph.microsoft.com/.default"
  const scope = demanded('entra', 'scope', options.scope, cure)
  if (!/^\S+\/\.default$/.test(scope)) {
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'scope', `entra: 'scope' must be ${cure}`)
  }
  return {
    tokenEndpoint: `https://${CLOUDS[oneOf('entra', 'cloud', { value: cloud, known: CLOUDS })]}/${tenant}/oauth2/v2.0/token`,
    scope: [scope],
    ...secretOrProof('client_secret_post', clientAuthentication),
  }
}
