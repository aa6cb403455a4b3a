import {
  generateKeyPairSync,
  randomUUID,
  sign,
  verify as verifySignature,
  type KeyObject,
} from 'node:crypto'
import { createGuard, type Guard } from '@countersign/guard'
import { formatDerSignature, parseDerSignature } from '@countersign/protocol'
import type { Suite, SuiteResult } from '../lib/report.ts'
import { measureRounds, type Contestant } from '../lib/rounds.ts'

const ISSUER = 'https://as.example'
const AUDIENCE = 'https://api.example/orders'

/** A token the guard has not seen before, beside the bare signature check. */
export const verify: Suite = {
  name: 'verify',
  async run(quick) {
    const results: SuiteResult[] = []
    for (const algorithm of ['ES256', 'RS256'] as const) {
      const { publicKey, privateKey } =
        algorithm === 'ES256'
          ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
          : generateKeyPairSync('rsa', { modulusLength: 2048 })
      const times = quick ? 3000 : 10_000
      const tokens = Array.from({ length: 1000 }, () => token(algorithm, privateKey))
      const guard = guardFor(algorithm, publicKey)
      await guard.ready()
      const contestants = [
        bare(algorithm, publicKey, tokens),
        decoding(algorithm, publicKey, tokens),
        ours(guard, tokens),
        ...peers(),
      ]
      results.push({
        title: `A token verified, ${algorithm}`,
        conditions: 'one process, 1,000 tokens in turn, keys loaded, every RFC 9068 check on',
        measurements: await measureRounds(contestants, { rounds: quick ? 7 : 15, times }),
      })
    }
    return results
  },
}

/** Further libraries, once they are compared. */
function peers(): readonly Contestant[] {
  return []
}

type Algorithm = 'ES256' | 'RS256'

function token(algorithm: Algorithm, key: KeyObject): string {
  const iat = Math.floor(Date.now() / 1000)
  const header = { typ: 'at+jwt', alg: algorithm, kid: 'bench' }
  const claims = {
    iss: ISSUER,
    sub: 'billing',
    client_id: 'billing',
    aud: AUDIENCE,
    scope: 'orders:read orders:write',
    iat,
    exp: iat + 86_400,
    jti: randomUUID(),
  }
  const input = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const signature = sign('sha256', Buffer.from(input), key)
  const joseSignature = algorithm === 'ES256' ? parseDerSignature(signature, 32) : signature
  return `${input}.${Buffer.from(joseSignature ?? []).toString('base64url')}`
}

function guardFor(algorithm: Algorithm, publicKey: KeyObject): Guard {
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: algorithm, use: 'sig' }
  return createGuard({
    issuer: ISSUER,
    audience: AUDIENCE,
    jwksUri: `${ISSUER}/jwks`,
    fetch: async () => Response.json({ keys: [jwk] }),
  })
}

function bare(algorithm: Algorithm, key: KeyObject, tokens: readonly string[]): Contestant {
  const prepared = tokens.map((one) => {
    const { input, signature } = split(one)
    return { input, signature: algorithm === 'ES256' ? formatDerSignature(signature) : signature }
  })
  return {
    name: 'crypto.verify, key and bytes ready',
    role: 'floor',
    run(times) {
      for (let i = 0; i < times; i++) {
        const one = prepared[i % prepared.length]
        if (one === undefined || !verifySignature('sha256', one.input, key, one.signature)) {
          throw new Error('a good signature did not verify')
        }
      }
    },
  }
}

function decoding(algorithm: Algorithm, key: KeyObject, tokens: readonly string[]): Contestant {
  return {
    name: 'the same, decoding and five claim checks',
    role: 'floor',
    run(times) {
      for (let i = 0; i < times; i++) {
        const one = tokens[i % tokens.length] ?? ''
        const { input, signature } = split(one)
        const claims = JSON.parse(
          Buffer.from(one.split('.')[1] ?? '', 'base64url').toString(),
        ) as Record<string, unknown>
        const der = algorithm === 'ES256' ? formatDerSignature(signature) : signature
        const now = Date.now() / 1000
        const good =
          verifySignature('sha256', input, key, der) &&
          claims['iss'] === ISSUER &&
          claims['aud'] === AUDIENCE &&
          Number(claims['exp']) > now &&
          Number(claims['iat']) <= now &&
          String(claims['scope']).includes('orders:read')
        if (!good) throw new Error('a good token did not verify')
      }
    },
  }
}

function ours(guard: Guard, tokens: readonly string[]): Contestant {
  const requests = tokens.map((one) => ({
    method: 'GET',
    url: `${AUDIENCE}/1`,
    headers: new Headers({ authorization: `Bearer ${one}` }),
  }))
  const rule = { scope: { all: ['orders:read'] } } as const
  return {
    name: '@countersign/guard',
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

function split(one: string): { input: Buffer; signature: Buffer } {
  const dot = one.lastIndexOf('.')
  return {
    input: Buffer.from(one.slice(0, dot)),
    signature: Buffer.from(one.slice(dot + 1), 'base64url'),
  }
}
