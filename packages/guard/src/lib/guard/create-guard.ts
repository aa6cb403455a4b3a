import {
  parseTokenAuthorization,
  type AccessTokenClaims,
  type TokenType,
} from '@countersign/protocol'
import { issuerKeys, keySource } from '@countersign/verify'
import { checkBinding, type BindingPolicy } from '../binding/check-binding.ts'
import { useProof } from '../binding/proof-replay.ts'
import { explanation, type Explanation } from '../explain/explanation.ts'
import { introspector } from '../introspection/introspector.ts'
import { declareRule, ruleTerms, type Rule, type RuleTerms } from '../rule/rule.ts'
import { verifyAccessToken, type TokenOutcome } from '../token/verify-access-token.ts'
import { denialChallenge, type OfferedSchemes } from '../verdict/challenge.ts'
import { DENIAL_REASONS, type DenialReason } from '../verdict/denial-reasons.ts'
import {
  toPrincipal,
  type Principal,
  type PrincipalKind,
  type PrincipalOf,
} from '../verdict/principal.ts'
import { reported, type VerifiedCaller } from '../verdict/reported.ts'
import type { Allowed, Denied, Verdict, VerifiedToken } from '../verdict/verdict.ts'
import { GuardError } from './guard-error.ts'
import { readGuardOptions, type GuardOptions } from './guard-options.ts'
import type { GuardRequest } from './guard-request.ts'

/** Says whether a request may go on, and who is calling. */
export interface Guard<Scope extends string = string> {
  /**
   * The verdict on a request under a rule; without a rule any client's valid token will do.
   *
   * Never rejects for anything a request holds. Rejects with `ArgumentError` for a wrong rule.
   */
  <Kind extends PrincipalKind = 'client'>(
    request: GuardRequest,
    rule?: Rule<Scope, Kind>,
  ): Promise<Verdict<PrincipalOf<Kind>>>
  /**
   * Goes through the same checks and says how each one ended, with the cure.
   *
   * Tells of no denial, and leaves a proof unused: whether it was used before is not looked at. What it
   * says is for the owner of the API, not for callers.
   *
   * Rejects with `ArgumentError` for a wrong rule.
   */
  explain<Kind extends PrincipalKind = 'client'>(
    request: GuardRequest,
    rule?: Rule<Scope, Kind>,
  ): Promise<Explanation>
  /**
   * Loads metadata and keys ahead of the first request. Calling it is a choice, not a duty.
   *
   * Rejects with `GuardError` (`ERR_KEYS_UNAVAILABLE`) when no keys can be had.
   */
  ready(): Promise<void>
}

/**
 * A guard for an API: it verifies JWT access tokens of one issuer by the issuer's published keys, and
 * asks the issuer about others where `introspection` is set.
 *
 * Make one guard for an API and keep it: keys are held in it. Name the scopes of the API as a type
 * argument, `createGuard<'orders:read' | 'orders:write'>(…)`, and a misspelt one does not compile.
 * A token bound to a key or a certificate (`cnf`) must prove it; one that cannot be checked is refused.
 * Throws: `ArgumentError` for wrong options, before any I/O.
 * Source: RFC 9068 section 4; RFC 6750 sections 2.1 and 3.
 */
export function createGuard<Scope extends string = string>(options: GuardOptions): Guard<Scope> {
  const settings = readGuardOptions(options)
  const { realm, resourceMetadata, reportOnly, now, emit } = settings
  const document = issuerKeys(settings)
  const keys = keySource(document, now)

  const { introspection } = settings
  const introspect = introspection && introspector({ ...settings, introspection, keys })
  const offered = offeredSchemes(settings)
  // `Bearer` is read also where it is not offered: who sends such a token is told why it is refused.
  const types: readonly TokenType[] = settings.dpop ? ['Bearer', 'DPoP'] : ['Bearer']

  async function judge<Outcome>(
    request: GuardRequest,
    rule: Rule,
    course: Course<Outcome>,
  ): Promise<Allowed | Outcome> {
    const terms = ruleTerms(rule, 'guard')
    const presented = parseTokenAuthorization(request.headers.get('authorization'), types)
    if (presented.kind === 'malformed') return deny(course, terms, 'malformed_credentials')
    if (presented.kind === 'none') {
      if (!course.dry && /[?&]access_token=/.test(request.url)) emit({ type: 'query_token' })
      return deny(course, terms, 'no_credentials')
    }
    const { type: used } = presented
    const outcome = await verify(presented.token)
    if (!outcome.ok) return deny(course, terms, outcome.reason, { ...outcome, used })
    const principal = toPrincipal(outcome.claims)
    const { clientId } = principal
    const checked = checkBinding(settings, request, presented, outcome.claims)
    // An await costs a turn of the queue: only where there is something to wait for.
    const bound = checked instanceof Promise ? await checked : checked
    const denied: DenialDetails = { used, clientId, nonce: bound.nonce }
    if (!bound.ok) return deny(course, terms, bound.reason, denied)
    const refused = refusal(principal, terms)
    if (refused !== undefined) {
      return deny(course, terms, refused, {
        ...denied,
        verified: { principal, claims: outcome.claims },
      })
    }
    if (!course.dry && bound.replay !== undefined && settings.dpop !== undefined) {
      const use = await useProof(settings.dpop.replay, bound.replay, settings.timeout)
      if (use === 'replayed') return deny(course, terms, 'dpop_replayed', denied)
      if (use === 'unknown') return deny(course, terms, 'replay_unavailable', denied)
    }
    return {
      allowed: true,
      principal,
      token: toVerifiedToken(outcome.claims),
      ...nonceHeaders(bound.nonce),
    }
  }

  function deny<Outcome>(
    { conclude }: Course<Outcome>,
    terms: RuleTerms,
    reason: DenialReason,
    details: DenialDetails = {},
  ): Outcome {
    return conclude(denial(reason, terms, details), terms.principal, details)
  }

  function verify(token: string): Promise<TokenOutcome> {
    return introspect !== undefined && (introspection?.tokens === 'all' || !hasThreeParts(token))
      ? introspect(token)
      : verifyAccessToken(token, settings, keys, now)
  }

  function denial(
    reason: DenialReason,
    { scopes }: RuleTerms,
    { used, retryAfter, nonce }: DenialDetails,
  ): Denied {
    const { status } = DENIAL_REASONS[reason]
    const challenge = denialChallenge(realm, reason, scopes, {
      offered,
      used,
      resourceMetadata,
    })
    const denied = { allowed: false, status, challenge, reason, ...nonceHeaders(nonce) } as const
    return status === 503 ? { ...denied, retryAfter: toWholeSeconds(retryAfter) } : denied
  }

  async function ready(): Promise<void> {
    if ((await document.get()) !== undefined) return
    throw new GuardError('ERR_KEYS_UNAVAILABLE', "the issuer's keys cannot be loaded", {
      retryable: true,
    })
  }

  const enforce: Course<Verdict> = {
    dry: false,
    conclude(denied, _kind, { clientId }) {
      emit({ type: 'denied', reason: denied.reason, status: denied.status, clientId })
      return denied
    },
  }
  const report: Course<Verdict> = {
    dry: false,
    conclude(denied, kind, { clientId, verified }) {
      emit({ type: 'would_deny', reason: denied.reason, status: denied.status, clientId })
      return reported(denied, kind, verified && toVerifiedCaller(verified))
    },
  }
  const course = reportOnly ? report : enforce

  const guard = (request: GuardRequest, rule: Rule = DEFAULT_RULE): Promise<Verdict> =>
    judge(request, rule, course)

  async function explain(request: GuardRequest, rule: Rule = DEFAULT_RULE): Promise<Explanation> {
    const verdict = await judge(request, rule, TRIAL)
    return explanation(verdict.allowed ? undefined : verdict.reason)
  }

  // The principal is of the kind that the rule takes: `refusal` sees to that.
  return Object.assign(guard, { explain, ready }) as Guard<Scope>
}

const DEFAULT_RULE = declareRule({})

/** As a signed JWT has: two dots, found and not split on. */
function hasThreeParts(token: string): boolean {
  const second = token.indexOf('.', token.indexOf('.') + 1)
  return second > 0 && !token.includes('.', second + 1)
}

/** What else is known of a request that is denied. */
interface DenialDetails {
  readonly used?: TokenType
  readonly clientId?: string
  /** Milliseconds. */
  readonly retryAfter?: number
  readonly nonce?: string | undefined
  /** Where only the rule refused. */
  readonly verified?: { readonly principal: Principal; readonly claims: AccessTokenClaims }
}

/** What comes of a denial, and whether the checks may leave a trace. */
interface Course<Outcome> {
  readonly dry: boolean
  conclude(denied: Denied, kind: PrincipalKind, details: DenialDetails): Outcome
}

const TRIAL: Course<Denied> = { dry: true, conclude: (denied) => denied }

/** A token bound to a certificate comes with `Bearer`, too. Source: RFC 8705 section 3. */
function offeredSchemes({ binding, dpop, certificates }: BindingPolicy): OfferedSchemes {
  const takesBearer = binding === 'optional' || certificates !== undefined
  return [
    ...(takesBearer ? [{ scheme: 'Bearer' } as const] : []),
    ...(dpop
      ? [{ scheme: 'DPoP', parameters: [['algs', dpop.algorithms.join(' ')]] } as const]
      : []),
  ]
}

/** Source: RFC 9449 sections 8.2 and 9: no cache may keep a nonce. */
function nonceHeaders(nonce: string | undefined): Pick<Denied, 'headers'> {
  return nonce === undefined
    ? {}
    : { headers: { 'dpop-nonce': nonce, 'cache-control': 'no-store' } }
}

/** Why a verified caller may not pass under these terms. */
function refusal(
  { kind, scopes: held }: Principal,
  { principal, mode, scopes }: RuleTerms,
): DenialReason | undefined {
  if (principal !== 'any' && principal !== kind) return 'principal_kind'
  if (scopes.length === 0) return undefined
  const enough =
    mode === 'all'
      ? scopes.every((scope) => held.has(scope))
      : scopes.some((scope) => held.has(scope))
  return enough ? undefined : 'insufficient_scope'
}

function toVerifiedCaller({
  principal,
  claims,
}: NonNullable<DenialDetails['verified']>): VerifiedCaller {
  return { principal, token: toVerifiedToken(claims) }
}

function toVerifiedToken({ iss, aud, jti, iat, exp, all }: AccessTokenClaims): VerifiedToken {
  return {
    issuer: iss,
    audience: aud,
    id: jti,
    issuedAt: iat * 1000,
    expiresAt: exp * 1000,
    claims: all,
  }
}

function toWholeSeconds(milliseconds: number = 0): number {
  return Math.max(1, Math.ceil(milliseconds / 1000))
}
