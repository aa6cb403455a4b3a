/** Why a change to the registry was not made. Stable: switch on it. */
export type AdministrationErrorCode =
  | 'client_exists'
  | 'client_unknown'
  | 'credential_unknown'
  | 'too_many_credentials'
  | 'issuer_exists'
  | 'issuer_unknown'
  | 'resource_exists'
  | 'resource_unknown'
  | 'scope_unknown'
  | 'authorization_details_unknown'
  | 'signing_key_unknown'
  | 'algorithm_unavailable'
  | 'conflict'
  | 'master_key_wrong'

/** A change to the registry that cannot be made as things stand. The message names the cure. */
export class AdministrationError extends Error {
  override readonly name = 'AdministrationError'
  readonly code: AdministrationErrorCode

  constructor(code: AdministrationErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
