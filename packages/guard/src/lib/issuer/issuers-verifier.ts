import { parseCompactJws, type AccessTokenClaims } from '@countersign/protocol'
import type { GuardEvent } from '../guard/guard-event.ts'
import { onceKnown } from '../once-known.ts'
import { hasThreeParts } from '../token/has-three-parts.ts'
import {
  issuerVerifier,
  type IssuerVerifier,
  type IssuerVerifierOptions,
} from '../token/issuer-verifier.ts'
import { CONFIRMED, type TokenConfirmer } from '../introspection/token-confirmer.ts'
import { STANDS, type RevocationCheck } from '../revocation/revocation-check.ts'
import type { TokenOutcome } from '../token/token-verifier.ts'
import type { IssuerSettings } from './issuer-options.ts'

/** What judging the tokens of several issuers takes. */
export interface IssuersVerifierOptions extends Omit<
  IssuerVerifierOptions,
  keyof IssuerSettings | 'emit'
> {
  readonly issuers: readonly IssuerSettings[]
  readonly emit: (event: GuardEvent) => void
}

/**
 * Judges tokens of one issuer or several: each by the verifier of its own issuer alone, which shares
 * nothing with the others.
 *
 * What a JWT says in `iss` is not vouched for yet: it chooses among the listed issuers, letter by letter,
 * and does nothing else. Nothing is loaded for an issuer that is not listed, and the verifier checks `iss`
 * again once the signature is good. A token that is no JWT goes to the issuer that is asked about such
 * tokens, by its prefix where there are several.
 * Source: RFC 9068 section 4; RFC 8725 section 3.8.
 */
export function issuersVerifier(options: IssuersVerifierOptions): IssuerVerifier {
  const { issuers, emit, ...rest } = options
  const trusted = issuers.map((settings) => ({
    settings,
    verifier: namedVerifier({ ...rest, ...settings, emit }),
  }))
  const [first, ...others] = trusted
  if (first !== undefined && others.length === 0) return first.verifier
  const byIdentifier = new Map<unknown, IssuerVerifier>(
    trusted.map(({ settings, verifier }) => [settings.issuer, verifier]),
  )
  const asked = trusted.filter(({ settings }) => settings.introspection !== undefined)

  return {
    standing: standingAmong(byIdentifier),
    confirm: confirmAmong(byIdentifier),
    verify(token, request): TokenOutcome | Promise<TokenOutcome> {
      if (!hasThreeParts(token)) {
        const owner = asked.find(({ settings }) =>
          token.startsWith(settings.introspection?.prefix ?? ''),
        )
        return owner?.verifier.verify(token, request) ?? { ok: false, reason: 'malformed_token' }
      }
      const jws = parseCompactJws(token)
      if (!jws.ok) return { ok: false, reason: 'malformed_token' }
      const owner = byIdentifier.get(jws.value.payload['iss'])
      return owner?.verify(token, request, jws) ?? { ok: false, reason: 'unknown_issuer' }
    },
    async load() {
      const loads = await Promise.all(trusted.map(({ verifier }) => verifier.load()))
      return loads.every(Boolean)
    },
  }
}

/** Says in its events and refusals which issuer they are about. */
function namedVerifier({
  emit,
  ...options
}: Omit<IssuerVerifierOptions, 'emit'> & Pick<IssuersVerifierOptions, 'emit'>): IssuerVerifier {
  const { issuer } = options
  const verifier = issuerVerifier({ ...options, emit: (event) => emit({ ...event, issuer }) })
  const named = (outcome: TokenOutcome): TokenOutcome =>
    outcome.ok ? outcome : { ...outcome, issuer }
  return {
    ...verifier,
    verify: (token, request, jws) => onceKnown(verifier.verify(token, request, jws), named),
  }
}

/** Whether a token stands is asked of what knows about its own issuer. */
function standingAmong(
  verifiers: ReadonlyMap<unknown, IssuerVerifier>,
): RevocationCheck | undefined {
  const all = [...verifiers.values()]
  if (all.every(({ standing }) => standing === undefined)) return undefined
  return Object.assign(
    (claims: AccessTokenClaims, key: string | undefined) =>
      verifiers.get(claims.iss)?.standing?.(claims, key) ?? STANDS,
    {
      async load() {
        const loaded = await Promise.all(all.map(async (one) => one.standing?.load?.() ?? true))
        return loaded.every(Boolean)
      },
    },
  )
}

/** Each issuer is asked about its own tokens; one that is not asked confirms nothing that a route wants. */
function confirmAmong(verifiers: ReadonlyMap<unknown, IssuerVerifier>): TokenConfirmer | undefined {
  const all = [...verifiers.values()]
  if (all.every(({ confirm }) => confirm === undefined)) return undefined
  return (token, verified, within) => {
    const confirm = verifiers.get(verified.claims.iss)?.confirm
    if (confirm !== undefined) return confirm(token, verified, within)
    return within === undefined ? CONFIRMED : { ok: false, reason: 'introspection_unavailable' }
  }
}
