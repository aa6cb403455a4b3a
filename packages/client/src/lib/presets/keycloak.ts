import { assertKnownOptions } from '@countersign/protocol'
import { secretOrProof, type Preset, type ProofOptions } from './preset.ts'
import { baseAddress, pathPart } from './provider-address.ts'

/** A realm of a Keycloak. */
export interface KeycloakOptions extends ProofOptions {
  /** `https://sso.example.com`; with `/auth` at its end for releases before 17. */
  readonly address: string
  readonly realm: string
}

/**
 * Keycloak. Audiences come from the client's mappers and scopes, not from a parameter.
 *
 * Throws: `ArgumentError`. Source: Keycloak Server Administration Guide, "Using a service account".
 */
export function keycloak(options: KeycloakOptions): Preset {
  assertKnownOptions('keycloak', options, ['address', 'realm', 'clientAuthentication'])
  const { clientAuthentication }: KeycloakOptions = options
  const address = baseAddress('keycloak', 'address', options.address)
  const issuer = `${address}/realms/${pathPart('keycloak', 'realm', options.realm)}`
  return {
    issuer,
    tokenEndpoint: `${issuer}/protocol/openid-connect/token`,
    ...secretOrProof('client_secret_basic', clientAuthentication),
  }
}
