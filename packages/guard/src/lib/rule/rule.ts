import {
  ArgumentError,
  assertKnownOptions,
  isScopeToken,
  optionalNumber,
} from '@countersign/protocol'
import type { PrincipalKind } from '../verdict/principal.ts'

/** Which scopes a token must have. */
export type ScopeRule<Scope extends string = string> =
  | { readonly all: readonly Scope[]; readonly any?: never }
  | { readonly any: readonly Scope[]; readonly all?: never }

/** What a route asks of a caller. */
export interface Rule<Scope extends string = string, Kind extends PrincipalKind = PrincipalKind> {
  /** Scopes: `all` of a list, or `any` one of a list. Without it no scope is needed. */
  readonly scope?: ScopeRule<Scope>
  /** Whom the route takes. Default `'client'`: a user's token is refused. */
  readonly principal?: Kind
  /**
   * The issuer must have said within so many milliseconds that the token is active: for routes that must
   * hear of a revocation at once. From 0, which asks each time, to an hour; needs `introspection`.
   */
  readonly confirmedWithin?: number
}

/** A rule, checked and ready to be applied. */
export interface RuleTerms {
  readonly mode: 'all' | 'any'
  readonly scopes: readonly string[]
  readonly principal: PrincipalKind
  readonly confirmedWithin: number | undefined
}

/**
 * Checks a rule where a route is declared, and gives a frozen copy that a guard takes unchecked.
 *
 * Adapters call it once for each route. Changing the object that was passed changes nothing later.
 * Throws: `ArgumentError` naming the member at fault, such as `scope.all[1]`.
 */
export function declareRule<Scope extends string, Kind extends PrincipalKind>(
  rule: Rule<Scope, Kind>,
  caller: string = 'declareRule',
): Rule<Scope, Kind> {
  const terms = readRule(rule, caller)
  const scope = terms.scopes.length === 0 ? {} : { scope: { [terms.mode]: terms.scopes } }
  const { principal, confirmedWithin } = terms
  const confirmed = confirmedWithin === undefined ? {} : { confirmedWithin }
  const declared = { ...scope, ...confirmed, principal } as unknown as Rule<Scope, Kind>
  TERMS.set(Object.freeze(declared), terms)
  return declared
}

/** The terms of a rule: remembered for a declared one, checked on the spot for any other. */
export function ruleTerms(rule: Rule, caller: string): RuleTerms {
  if (last !== undefined && last.rule === rule) return last.terms
  const terms = TERMS.get(rule)
  if (terms === undefined) return readRule(rule, caller)
  last = { rule, terms }
  return terms
}

/** Nearly every call is under the rule of the one before, and to look one up takes longer than to apply it. */
let last: { readonly rule: Rule; readonly terms: RuleTerms } | undefined

const TERMS = new WeakMap<object, RuleTerms>()
const PRINCIPAL_KINDS: readonly PrincipalKind[] = ['client', 'user', 'any']

function readRule(rule: Rule, caller: string): RuleTerms {
  assertKnownOptions(`${caller} rule`, rule, ['scope', 'principal', 'confirmedWithin'])
  const { scope, principal = 'client', confirmedWithin } = rule as Rule
  if (!PRINCIPAL_KINDS.includes(principal)) {
    throw new ArgumentError(
      typeof principal === 'string' ? 'ERR_ARGUMENT_VALUE' : 'ERR_ARGUMENT_TYPE',
      'principal',
      `${caller} rule: 'principal' must be 'client', 'user' or 'any'`,
    )
  }
  const rest = { principal, confirmedWithin: readConfirmedWithin(caller, confirmedWithin) }
  if (scope === undefined) return Object.freeze({ mode: 'all', scopes: NO_SCOPES, ...rest })
  if (typeof scope !== 'object' || scope === null || Array.isArray(scope)) {
    throw new ArgumentError(
      'ERR_ARGUMENT_TYPE',
      'scope',
      `${caller} rule: 'scope' must be { all: [...] } or { any: [...] }`,
    )
  }
  assertKnownOptions(`${caller} rule scope`, scope, ['all', 'any'])
  const { all, any } = scope
  if ((all === undefined) === (any === undefined)) {
    throw new ArgumentError(
      'ERR_ARGUMENT_VALUE',
      'scope',
      `${caller} rule: 'scope' must have either 'all' or 'any'`,
    )
  }
  return all === undefined
    ? Object.freeze({ mode: 'any', scopes: scopeList(caller, 'any', any), ...rest })
    : Object.freeze({ mode: 'all', scopes: scopeList(caller, 'all', all), ...rest })
}

function readConfirmedWithin(caller: string, value: unknown): number | undefined {
  if (value === undefined) return undefined
  return optionalNumber(`${caller} rule`, 'confirmedWithin', value, {
    fallback: 0,
    min: 0,
    max: 3_600_000,
  })
}

const NO_SCOPES: readonly string[] = Object.freeze([])

function scopeList(caller: string, member: 'all' | 'any', list: unknown): readonly string[] {
  const name = `scope.${member}`
  if (!Array.isArray(list)) {
    throw new ArgumentError(
      'ERR_ARGUMENT_TYPE',
      name,
      `${caller} rule: '${name}' must be a list of scopes`,
    )
  }
  // An empty `any` can never be met and an empty `all` always is: neither says what was meant.
  if (list.length === 0) {
    throw new ArgumentError(
      'ERR_ARGUMENT_VALUE',
      name,
      `${caller} rule: '${name}' must not be empty; leave 'scope' out where none is needed`,
    )
  }
  // By index, since `every` and `findIndex` see a hole in a list differently.
  for (let index = 0; index < list.length; index++) {
    if (isScopeToken(list[index])) continue
    throw new ArgumentError(
      typeof list[index] === 'string' ? 'ERR_ARGUMENT_VALUE' : 'ERR_ARGUMENT_TYPE',
      `${name}[${index}]`,
      `${caller} rule: '${name}[${index}]' must be one scope, without blanks or quotes`,
    )
  }
  return Object.freeze([...new Set(list as readonly string[])])
}
