import { assertKnownOptions } from '@countersign/protocol'
import { secretOrProof, type Preset, type ProofOptions } from './preset.ts'
import { hostLabel, hostName } from './provider-address.ts'

/** A tenant of SAP BTP's authorization service. */
export interface XsuaaOptions extends ProofOptions {
  /** The tenant: the first part of `uaadomain` addresses, one per subaccount. */
  readonly subdomain: string
  /** The landscape: `eu10.hana.ondemand.com`. */
  readonly landscape: string
}

/**
 * SAP BTP's authorization service (XSUAA). With a certificate (`tlsClientAuth(…)`) the tenant's
 * `cert` host is asked. Its managed certificates live for days: read them anew.
 *
 * Throws: `ArgumentError`. Source: SAP BTP documentation, "Implementing custom token retrieval".
 */
export function xsuaa(options: XsuaaOptions): Preset {
  assertKnownOptions('xsuaa', options, ['subdomain', 'landscape', 'clientAuthentication'])
  const { clientAuthentication }: XsuaaOptions = options
  const subdomain = hostLabel('xsuaa', 'subdomain', options.subdomain, 'shop')
  const landscape = hostName('xsuaa', 'landscape', options.landscape, 'eu10.hana.ondemand.com')
  const service =
    clientAuthentication?.fetch === undefined ? 'authentication' : 'authentication.cert'
  return {
    tokenEndpoint: `https://${subdomain}.${service}.${landscape}/oauth/token`,
    ...secretOrProof('client_secret_basic', clientAuthentication),
  }
}
