import { ArgumentError, isScopeToken, parseScope } from '@countersign/protocol'
import type { ClientAuthentication } from '../client-authentication/client-authentication.ts'
import type { ClientSecretMethod } from '../client-authentication/client-secret.ts'
import type { ClientCredentialsOptions } from '../grants/client-credentials-options.ts'

/**
 * What a preset gives: options for `createClient`, to be spread into yours.
 *
 * An option that you write after it wins, also against what the provider needs: leave those out that
 * the preset brings.
 */
export type Preset = Readonly<
  Partial<
    Pick<
      ClientCredentialsOptions,
      | 'issuer'
      | 'tokenEndpoint'
      | 'authMethod'
      | 'basicEncoding'
      | 'clientAuthentication'
      | 'quirks'
      | 'scope'
      | 'audience'
      | 'parameters'
    >
  >
>

/** For providers that take other proofs than a secret. */
export interface ProofOptions {
  /**
   * Another proof than a secret: `privateKeyJwt(…)` and so on. Give it here and not to `createClient`,
   * so that the preset leaves out how a secret would be sent.
   */
  readonly clientAuthentication?: ClientAuthentication
}

/** How a secret is sent, or the proof that stands in its place. */
export function secretOrProof(
  method: ClientSecretMethod,
  clientAuthentication: ClientAuthentication | undefined,
): Pick<Preset, 'authMethod' | 'clientAuthentication'> {
  return clientAuthentication === undefined ? { authMethod: method } : { clientAuthentication }
}

/** An option that the provider demands. `cure` says what to give. */
export function demanded(caller: string, option: string, value: unknown, cure: string): string {
  if (typeof value === 'string' && value !== '') return value
  const code = value === undefined || value === null ? 'ERR_ARGUMENT_MISSING' : 'ERR_ARGUMENT_TYPE'
  throw new ArgumentError(code, option, `${caller}: '${option}' is required: ${cure}`)
}

/** Scopes that the provider demands, one at least. `cure` says what to give. */
export function demandedScopes(caller: string, value: unknown, cure: string): readonly string[] {
  const scopes = scopesOf(caller, value)
  if (scopes.length > 0) return scopes
  const message = `${caller}: 'scope' is required: ${cure}`
  throw new ArgumentError('ERR_ARGUMENT_MISSING', 'scope', message)
}

/** An option `scope` as a list: a list, or one string with blanks between. */
export function scopesOf(caller: string, value: unknown): readonly string[] {
  if (value === undefined) return []
  if (Array.isArray(value) && value.every(isScopeToken)) return value
  const scope = parseScope(value)
  if (scope.ok) return scope.value
  const message = `${caller}: 'scope' must be a list of scopes, or one string with blanks between`
  throw new ArgumentError('ERR_ARGUMENT_VALUE', 'scope', message)
}
