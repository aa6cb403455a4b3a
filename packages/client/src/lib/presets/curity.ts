import { assertKnownOptions } from '@countersign/protocol'
import type { Preset, ProofOptions } from './preset.ts'
import { baseAddress } from './provider-address.ts'

/** A token profile of a Curity Identity Server. */
export interface CurityOptions extends ProofOptions {
  /** The profile's issuer: `https://login.example.com/oauth/v2/oauth-anonymous`. */
  readonly issuer: string
}

/**
 * The Curity Identity Server. Addresses are a matter of each profile, so they are discovered, and so
 * is the authentication method.
 *
 * From version 10 it decodes Basic credentials, as the standard says; for older ones, and clients with
 * that switch off, set `basicEncoding: 'raw'` where the secret has odd characters.
 * Throws: `ArgumentError`. Source: Curity documentation, "Client authentication".
 */
export function curity(options: CurityOptions): Preset {
  assertKnownOptions('curity', options, ['issuer', 'clientAuthentication'])
  const { clientAuthentication }: CurityOptions = options
  // Checked here, kept letter by letter: issuers compare as plain strings.
  baseAddress('curity', 'issuer', options.issuer)
  return {
    issuer: options.issuer,
    ...(clientAuthentication !== undefined && { clientAuthentication }),
  }
}
