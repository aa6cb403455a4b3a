import { ArgumentError, assertKnownOptions } from '@countersign/protocol'
import type { ClientSecretMethod } from '../client-authentication/client-secret.ts'
import { secretOrProof, type Preset, type ProofOptions } from './preset.ts'
import { baseAddress } from './provider-address.ts'

/** An Ory Hydra (or Ory Network) server. */
export interface HydraOptions extends ProofOptions {
  /** Its public address: `https://hydra.example.com`, `https://<slug>.projects.oryapis.com`. */
  readonly address: string
  /** The method the client is registered for: Hydra takes no other. Default `client_secret_basic`. */
  readonly authMethod?: ClientSecretMethod
  /** One audience or several; each must be on the client's list. */
  readonly audience?: string | readonly string[]
}

/**
 * Ory Hydra. It takes exactly the registered authentication method; audiences go in one parameter,
 * with blanks between.
 *
 * Throws: `ArgumentError`. Source: Ory documentation, "OAuth2 client credentials flow".
 */
export function hydra(options: HydraOptions): Preset {
  assertKnownOptions('hydra', options, [
    'address',
    'authMethod',
    'audience',
    'clientAuthentication',
  ])
  const {
    authMethod = 'client_secret_basic',
    audience,
    clientAuthentication,
  }: HydraOptions = options
  const audiences: readonly unknown[] = audience === undefined ? [] : [audience].flat()
  if (!audiences.every((one) => typeof one === 'string' && /^[\x21-\x7e]+$/.test(one))) {
    const message = "hydra: 'audience' must be an audience without blanks, or a list of them"
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'audience', message)
  }
  return {
    tokenEndpoint: `${baseAddress('hydra', 'address', options.address)}/oauth2/token`,
    ...(audiences.length > 0 && { audience: audiences.join(' ') }),
    ...secretOrProof(authMethod, clientAuthentication),
  }
}
