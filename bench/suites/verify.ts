import { verify as verifySignature } from 'node:crypto'
import { createGuard, declareRule, type GuardOptions } from '@countersign/guard'
import { formatDerSignature } from '@countersign/protocol'
import { JwtVerifier } from 'aws-jwt-verify'
import { createVerifier } from 'fast-jwt'
import { createLocalJWKSet, jwtVerify } from 'jose'
import {
  accessTokens,
  AUDIENCE,
  digestOf,
  ISSUER,
  type AccessTokens,
  type BenchAlgorithm,
} from '../lib/access-tokens.ts'
import { bareVerifier, signedParts } from '../lib/bare-verify.ts'
import { atLeast, atMost, type Goal } from '../lib/goals.ts'
import type { Suite, SuiteResult } from '../lib/report.ts'
import { measureRounds, type Contestant, type Measurement } from '../lib/rounds.ts'

/** Most of the bare check's time that a whole verdict may take. */
const MOST: Readonly<Record<BenchAlgorithm, number>> = { RS256: 1.18, ES256: 1.06, Ed25519: 1.05 }

/** A token that the guard has not seen before, beside the bare signature check. */
export const verify: Suite = {
  name: 'verify',
  async run(quick) {
    const results: SuiteResult[] = []
    for (const algorithm of ['RS256', 'ES256', 'Ed25519'] as const) {
      // Libraries that do not know the fully specified name yet know the old one.
      const made = accessTokens(algorithm, 1000, algorithm === 'Ed25519' ? 'EdDSA' : algorithm)
      const contestants = [
        bare(made),
        decoding(made),
        await ours(OURS, made, false),
        // Half of the tokens: each is forgotten before its turn comes again.
        await ours(REMEMBERING, made, { maxEntries: made.tokens.length / 2 }),
        ...(await peers(made)),
      ]
      const measurements = await measureRounds(contestants, {
        rounds: quick ? 7 : 15,
        // A round in which each token comes once measures memory that is not in the caches.
        times: quick ? 3000 : 6000,
        warmUp: 8000,
        cpu: true,
      })
      results.push({
        title: `A token not seen before, ${algorithm}`,
        conditions:
          'CPU time of one process, 1,000 tokens in turn, keys loaded, every RFC 9068 check on; none remembers a token when it comes again',
        measurements,
        goals: goals(algorithm, measurements),
      })
    }
    return results
  },
}

function goals(algorithm: BenchAlgorithm, measurements: readonly Measurement[]): readonly Goal[] {
  const ratioOf = (name: string): number =>
    measurements.find((one) => one.name === name)?.ratio ?? NaN
  const own = ratioOf(OURS)
  const time = atMost("time over the bare check's", own, MOST[algorithm])
  return algorithm === 'RS256'
    ? [time, atLeast("jose's time over ours", ratioOf(JOSE) / own, 2.2)]
    : [time]
}

const OURS = '@countersign/guard, no cache'
const REMEMBERING = '@countersign/guard, each put into its cache'
const JOSE = 'jose, key set in memory'

function bare({ algorithm, publicKey, tokens }: AccessTokens): Contestant {
  const prepared = tokens.map((one) => {
    const { input, signature } = signedParts(one)
    return { input, signature: algorithm === 'ES256' ? formatDerSignature(signature) : signature }
  })
  const digest = digestOf(algorithm)
  return {
    name: 'crypto.verify, key and bytes ready',
    role: 'floor',
    run(times) {
      for (let i = 0; i < times; i++) {
        const one = prepared[i % prepared.length]
        if (one === undefined || !verifySignature(digest, one.input, publicKey, one.signature)) {
          throw new Error('a good signature did not verify')
        }
      }
    },
  }
}

function decoding(made: AccessTokens): Contestant {
  return inTurn('the same, decoding and five claim checks', 'floor', made, bareVerifier(made))
}

async function ours(
  name: string,
  { jwks, tokens }: AccessTokens,
  tokenCache: Exclude<GuardOptions['tokenCache'], undefined>,
): Promise<Contestant> {
  const guard = createGuard({
    issuer: ISSUER,
    audience: AUDIENCE,
    jwksUri: `${ISSUER}/jwks`,
    fetch: async () => Response.json(jwks),
    tokenCache,
  })
  await guard.ready()
  const rule = declareRule({ scope: { all: ['orders:read'] } })
  // As the adapters for Node hand them over: the header is one piece of text.
  const requests = tokens.map((one) => {
    const header = Buffer.from(`Bearer ${one}`).toString('latin1')
    const headers = { get: (field: string) => (field === 'authorization' ? header : null) }
    return { method: 'GET', url: '/orders/1', headers }
  })
  return {
    name,
    role: 'ours',
    async run(times) {
      for (let i = 0; i < times; i++) {
        const request = requests[i % requests.length]
        if (request === undefined) throw new Error('no request')
        const verdict = await guard(request, rule)
        if (!verdict.allowed) throw new Error(`a good token was refused: ${verdict.reason}`)
      }
    },
  }
}

async function peers(made: AccessTokens): Promise<readonly Contestant[]> {
  const { algorithm, jwks, pem } = made
  const getKey = createLocalJWKSet(jwks as unknown as Parameters<typeof createLocalJWKSet>[0])
  const options = { issuer: ISSUER, audience: AUDIENCE, typ: 'at+jwt' }
  const fast = createVerifier({ key: pem, allowedIss: ISSUER, allowedAud: AUDIENCE, cache: false })
  const found: Contestant[] = [
    inTurn(JOSE, 'peer', made, async (one) => {
      await jwtVerify(one, getKey, options)
      return true
    }),
    inTurn('fast-jwt, no cache', 'peer', made, (one) => fast(one) !== undefined),
  ]
  if (algorithm !== 'RS256') return found
  const aws = JwtVerifier.create({ issuer: ISSUER, audience: AUDIENCE, jwksUri: `${ISSUER}/jwks` })
  aws.cacheJwks(jwks as unknown as Parameters<typeof aws.cacheJwks>[0])
  return [
    ...found,
    inTurn('aws-jwt-verify', 'peer', made, (one) => aws.verifySync(one) !== undefined),
  ]
}

function inTurn(
  name: string,
  role: Contestant['role'],
  { tokens }: AccessTokens,
  check: (token: string) => boolean | Promise<boolean>,
): Contestant {
  return {
    name,
    role,
    async run(times) {
      for (let i = 0; i < times; i++) {
        const good = check(tokens[i % tokens.length] ?? '')
        if (good !== true && !(await good)) throw new Error(`${name}: a good token did not verify`)
      }
    },
  }
}
