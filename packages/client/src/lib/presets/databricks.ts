import { assertKnownOptions } from '@countersign/protocol'
import { scopesOf, type Preset } from './preset.ts'
import { hostName, oneOf, pathPart } from './provider-address.ts'

/** The account consoles of Databricks. */
const ACCOUNT_HOSTS = {
  aws: 'accounts.cloud.databricks.com',
  azure: 'accounts.azuredatabricks.net',
  gcp: 'accounts.gcp.databricks.com',
} as const

/** A Databricks workspace. */
export interface DatabricksOptions {
  /** `dbc-a1b2.cloud.databricks.com`, `adb-1.2.azuredatabricks.net` and so on. */
  readonly workspace: string
  /** Default `all-apis`. */
  readonly scope?: string | readonly string[]
}

/** A Databricks account, for the APIs above workspaces. */
export interface DatabricksAccountOptions {
  readonly accountId: string
  /** Default `aws`. */
  readonly cloud?: keyof typeof ACCOUNT_HOSTS
  /** Default `all-apis`. */
  readonly scope?: string | readonly string[]
}

/**
 * A Databricks workspace, for a service principal with an OAuth secret.
 *
 * Throws: `ArgumentError`. Source: Databricks documentation, "Authorize service principal access with
 * OAuth".
 */
export function databricks(options: DatabricksOptions): Preset {
  assertKnownOptions('databricks', options, ['workspace', 'scope'])
  const example = 'dbc-a1b2.cloud.databricks.com'
  const workspace = hostName('databricks', 'workspace', options.workspace, example)
  return {
    tokenEndpoint: `https://${workspace}/oidc/v1/token`,
    authMethod: 'client_secret_basic',
    scope: scopesOf('databricks', options['scope'] ?? 'all-apis'),
  }
}

/** A Databricks account; see {@link databricks}. Throws: `ArgumentError`. */
export function databricksAccount(options: DatabricksAccountOptions): Preset {
  assertKnownOptions('databricksAccount', options, ['accountId', 'cloud', 'scope'])
  const { cloud = 'aws' }: DatabricksAccountOptions = options
  const host =
    ACCOUNT_HOSTS[oneOf('databricksAccount', 'cloud', { value: cloud, known: ACCOUNT_HOSTS })]
  const account = pathPart('databricksAccount', 'accountId', options.accountId)
  return {
    tokenEndpoint: `https://${host}/oidc/accounts/${account}/v1/token`,
    authMethod: 'client_secret_basic',
    scope: scopesOf('databricksAccount', options.scope ?? 'all-apis'),
  }
}
