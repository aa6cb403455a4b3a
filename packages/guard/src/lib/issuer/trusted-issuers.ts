import { ArgumentError } from '@countersign/protocol'
import { optionsOf } from '../guard/options-of.ts'
import {
  ISSUER_OPTIONS,
  readIssuer,
  type IssuerDefaults,
  type IssuerOptions,
  type IssuerSettings,
} from './issuer-options.ts'

const CALLER = 'createGuard'

/**
 * The issuers of a guard: one, by options of the guard itself, or each of `issuers`.
 *
 * Throws: `ArgumentError` naming the option at fault, such as `issuers[1].jwksUri`, also where nobody could
 * say which of several issuers a token is from that is not a JWT.
 */
export function readTrustedIssuers(
  options: Partial<IssuerOptions> & { readonly issuers?: readonly IssuerOptions[] },
  defaults: IssuerDefaults,
): readonly IssuerSettings[] {
  const { issuers } = options
  const own = ISSUER_OPTIONS.filter(
    (name) => name !== 'audience' && name !== 'revocation' && options[name] !== undefined,
  )
  if (issuers === undefined) {
    return [readIssuer(Object.fromEntries(own.map((name) => [name, options[name]])), defaults)]
  }
  const [stray] = own
  if (stray !== undefined) throw invalid(stray, "belongs into each of 'issuers'")
  if (!Array.isArray(issuers)) {
    const message = `${CALLER}: 'issuers' must be a list`
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'issuers', message)
  }
  if (issuers.length === 0) throw invalid('issuers', 'must not be empty')
  const settings = issuers.map((one: IssuerOptions, at) =>
    optionsOf(`issuers[${at}]`, () => readIssuer(one, defaults)),
  )
  assertDistinct(settings)
  assertOneAnswers(settings)
  return settings
}

function assertDistinct(issuers: readonly IssuerSettings[]): void {
  for (const [at, { issuer }] of issuers.entries()) {
    if (issuers.findIndex((one) => one.issuer === issuer) < at) {
      throw invalid(`issuers[${at}].issuer`, 'is listed twice')
    }
  }
}

/** A token that is no JWT goes to one issuer alone: the only one that is asked, or by its prefix. */
function assertOneAnswers(issuers: readonly IssuerSettings[]): void {
  const asked = [...issuers.entries()].filter(([, { introspection }]) => introspection)
  if (asked.length < 2) return
  for (const [at, { introspection }] of asked) {
    const place = `issuers[${at}].introspection.prefix`
    const prefix = introspection?.prefix
    if (prefix === undefined) {
      throw invalid(place, 'is needed where several issuers are asked: whose is an opaque token?')
    }
    const isShared = asked.some(
      ([other, one]) => other !== at && one.introspection?.prefix?.startsWith(prefix),
    )
    if (isShared) throw invalid(place, 'starts the prefix of another issuer')
  }
}

function invalid(option: string, reason: string): ArgumentError {
  return new ArgumentError('ERR_ARGUMENT_VALUE', option, `${CALLER}: '${option}' ${reason}`)
}
