import type { AccessTokenClaims } from '@countersign/protocol'
import {
  STANDS,
  unknownStanding,
  type RevocationCheck,
  type RevocationContext,
  type RevocationSource,
  type Standing,
} from './revocation-check.ts'

/**
 * One check over several sources, in their order; `undefined` where there is none.
 *
 * A token stands where every source lets it. That one source cannot tell does not hide what another
 * knows: revoked goes before unknown. What a source throws is an outage of it.
 */
export function revocationChecks(
  sources: readonly RevocationSource[],
  context: RevocationContext,
): RevocationCheck | undefined {
  const checks = sources.map((source) => source(context))
  const [first] = checks
  if (first === undefined) return undefined

  function askFrom(
    index: number,
    before: Standing,
    claims: AccessTokenClaims,
    key: string | undefined,
  ): Standing | Promise<Standing> {
    let standing = before
    for (let i = index; i < checks.length; i++) {
      const check = checks[i]
      if (check === undefined) break
      const answer = ask(check, claims, key)
      // By far the most answers.
      if (answer === STANDS) continue
      if (answer instanceof Promise) {
        return answer.catch(failed).then((one) => {
          const so = worse(standing, one)
          return isFinal(so) ? so : askFrom(i + 1, so, claims, key)
        })
      }
      standing = worse(standing, answer)
      if (isFinal(standing)) return standing
    }
    return standing
  }

  return Object.assign(
    (claims: AccessTokenClaims, key: string | undefined) => askFrom(0, STANDS, claims, key),
    {
      async load() {
        const loaded = await Promise.all(checks.map(async (check) => check.load?.() ?? true))
        return loaded.every(Boolean)
      },
    },
  )
}

function ask(
  check: RevocationCheck,
  claims: AccessTokenClaims,
  key: string | undefined,
): Standing | Promise<Standing> {
  try {
    return check(claims, key)
  } catch {
    return failed()
  }
}

function failed(): Standing {
  return unknownStanding('refuse', 'hook', 0)
}

/** The one that counts of two: refused before unknown, unknown before unchecked, the earlier otherwise. */
function worse(left: Standing, right: Standing): Standing {
  return rank(right) > rank(left) ? right : left
}

function rank(standing: Standing): number {
  if (standing.ok) return standing.unchecked === undefined ? 0 : 1
  return standing.reason === 'revocation_unavailable' ? 2 : 3
}

/** Whether nothing that another source says could change it. */
function isFinal(standing: Standing): boolean {
  return rank(standing) === 3
}
