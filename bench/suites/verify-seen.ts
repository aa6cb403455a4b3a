import { createGuard, declareRule } from '@countersign/guard'
import { createVerifier } from 'fast-jwt'
import { accessTokens, AUDIENCE, ISSUER, type AccessTokens } from '../lib/access-tokens.ts'
import { atLeast, atMost } from '../lib/goals.ts'
import type { Suite } from '../lib/report.ts'
import { measureRounds, type Contestant } from '../lib/rounds.ts'

/** A token that the guard has seen before, beside a lookup by the end of it and a whole comparison. */
export const verifySeen: Suite = suiteOf('verify-seen', 'RS256')

/** The same in a process of its own, as an API has one guard: what ran before would change the figure. */
export const verifySeenEs256: Suite = suiteOf('verify-seen-es256', 'ES256')

function suiteOf(name: string, algorithm: 'RS256' | 'ES256'): Suite {
  return {
    name,
    async run(quick) {
      const made = accessTokens(algorithm, 1000)
      const contestants = [byHand(made), byHandAwaited(made), await ours(made), fastJwt(made)]
      const measurements = await measureRounds(contestants, {
        rounds: quick ? 9 : 25,
        times: 100_000,
        warmUp: 200_000,
        cpu: true,
      })
      const [, , guard, peer] = measurements
      const goals = [
        atMost("time over the floor's", guard?.ratio ?? NaN, 1.6),
        atLeast("fast-jwt's time over ours", (peer?.ratio ?? NaN) / (guard?.ratio ?? NaN), 4.5),
      ]
      const conditions =
        'CPU time of one process, 1,000 tokens in turn, each a header that was just read; the guard gives a whole verdict: expiry, key, binding and scope are checked each time'
      return [{ title: `A token seen before, ${algorithm}`, conditions, measurements, goals }]
    },
  }
}

/** Runs on headers as a server gets them: new texts of one piece. */
function onHeaders(
  name: string,
  role: Contestant['role'],
  { tokens }: AccessTokens,
  check: (header: string) => boolean | Promise<boolean>,
): Contestant {
  const bytes = tokens.map((token) => Buffer.from(`Bearer ${token}`))
  return {
    name,
    role,
    async run(times) {
      for (let i = 0; i < times; i++) {
        const good = check(bytes[i % bytes.length]?.toString('latin1') ?? '')
        if (good !== true && !(await good)) throw new Error(`${name}: a good token was refused`)
      }
    },
  }
}

const TAIL = 40

function lookup({ tokens }: AccessTokens): (header: string) => boolean {
  const known = new Map(
    tokens.map((token) => [token.slice(-TAIL), { token, expiresAt: Date.now() + 86_400_000 }]),
  )
  return (header) => {
    const token = header.slice(7)
    const found = known.get(token.slice(-TAIL))
    return found?.token === token && Date.now() < found.expiresAt
  }
}

function byHand(made: AccessTokens): Contestant {
  return onHeaders(
    'Map by the last 40 characters, whole comparison, expiry',
    'floor',
    made,
    lookup(made),
  )
}

function byHandAwaited(made: AccessTokens): Contestant {
  const find = lookup(made)
  return onHeaders('the same in an async function', 'floor', made, async (header) => find(header))
}

async function ours(made: AccessTokens): Promise<Contestant> {
  const guard = createGuard({
    issuer: ISSUER,
    audience: AUDIENCE,
    jwksUri: `${ISSUER}/jwks`,
    fetch: async () => Response.json(made.jwks),
  })
  await guard.ready()
  const rule = declareRule({ scope: { all: ['orders:read'] } })
  const bytes = made.tokens.map((token) => Buffer.from(`Bearer ${token}`))
  return {
    name: '@countersign/guard',
    role: 'ours',
    async run(times) {
      for (let i = 0; i < times; i++) {
        const header = bytes[i % bytes.length]?.toString('latin1') ?? null
        const headers = { get: (name: string) => (name === 'authorization' ? header : null) }
        const verdict = await guard({ method: 'GET', url: '/orders/1', headers }, rule)
        if (!verdict.allowed) throw new Error(`a good token was refused: ${verdict.reason}`)
      }
    },
  }
}

function fastJwt(made: AccessTokens): Contestant {
  const options = { key: made.pem, allowedIss: ISSUER, allowedAud: AUDIENCE, cache: true }
  const verify = createVerifier(options)
  return onHeaders(
    'fast-jwt, cache',
    'peer',
    made,
    (header) => verify(header.slice(7)) !== undefined,
  )
}
