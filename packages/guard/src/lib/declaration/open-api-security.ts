import {
  ArgumentError,
  assertKnownOptions,
  optionalString,
  parseSecureUrl,
  requiredString,
} from '@countersign/protocol'
import { ruleTerms, type Rule } from '../rule/rule.ts'
import type { PrincipalKind } from '../verdict/principal.ts'

/** What an OpenAPI document needs to know besides the declaration. */
export interface OpenApiOptions {
  /** The token endpoint of the authorization server. */
  readonly tokenUrl: string
  /** The name of the scheme in the document. Default `oauth2`. */
  readonly name?: string
}

/** The security scheme of an OpenAPI 3.1 document. */
export interface OpenApiSecurityScheme {
  readonly type: 'oauth2'
  readonly flows: {
    readonly clientCredentials: {
      readonly tokenUrl: string
      /** Each scope with its description. */
      readonly scopes: Readonly<Record<string, string>>
    }
  }
}

/** One way to satisfy a route: the scheme's name with the scopes needed. */
export type OpenApiSecurityRequirement = Readonly<Record<string, readonly string[]>>

/** What goes into an OpenAPI 3.1 document. */
export interface OpenApiSecurity<Scope extends string = string> {
  /** Goes to `components.securitySchemes`. */
  readonly securitySchemes: Readonly<Record<string, OpenApiSecurityScheme>>
  /**
   * The `security` of a route guarded by that rule; without one, of a route that takes any token.
   *
   * `all` is one requirement with every scope, `any` one requirement for each: a list is satisfied by
   * any of its members. Throws: `ArgumentError` for a wrong rule or a scope that was not declared.
   */
  security<Kind extends PrincipalKind = 'client'>(
    rule?: Rule<NoInfer<Scope>, Kind>,
  ): readonly OpenApiSecurityRequirement[]
}

const CALLER = 'openApiSecurity'

/** Throws: `ArgumentError`. Source: OpenAPI 3.1.1 sections 4.8.27 to 4.8.30. */
export function openApiSecurity<Scope extends string>(
  scopes: ReadonlyMap<string, string>,
  options: OpenApiOptions,
): OpenApiSecurity<Scope> {
  assertKnownOptions(CALLER, options, ['tokenUrl', 'name'])
  const given = options as unknown as OpenApiOptions
  const tokenUrl = requiredString(CALLER, 'tokenUrl', given.tokenUrl)
  const url = parseSecureUrl('tokenUrl', tokenUrl)
  if (!url.ok) throw invalid('tokenUrl', url.reason)
  const name = optionalString(CALLER, 'name', given.name) ?? 'oauth2'
  if (!/^[\w.-]+$/.test(name)) {
    throw invalid('name', 'may hold letters, digits, dots, hyphens and underscores')
  }

  function security(rule: Rule = {}): readonly OpenApiSecurityRequirement[] {
    const { mode, scopes: needed } = ruleTerms(rule, CALLER)
    const foreign = needed.find((scope) => !scopes.has(scope))
    if (foreign !== undefined) throw invalid('scope', `'${foreign}' was not declared`)
    if (mode === 'any') return needed.map((scope) => ({ [name]: [scope] }))
    return [{ [name]: needed }]
  }

  const flows = { clientCredentials: { tokenUrl, scopes: Object.fromEntries(scopes) } }
  return { securitySchemes: { [name]: { type: 'oauth2', flows } }, security }
}

function invalid(option: string, reason: string): ArgumentError {
  return new ArgumentError('ERR_ARGUMENT_VALUE', option, `${CALLER}: '${option}' ${reason}`)
}
