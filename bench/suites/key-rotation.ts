import { verify as verifySignature } from 'node:crypto'
import { createGuard, type Guard } from '@countersign/guard'
import { formatDerSignature } from '@countersign/protocol'
import { startLoopbackServer, type LoopbackServer } from '@countersign/testkit'
import { tokenMint, type TokenMint } from '@countersign/testkit/contracts'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { atMost } from '../lib/goals.ts'
import type { Suite } from '../lib/report.ts'
import { measureRounds, type Contestant } from '../lib/rounds.ts'

const CALLERS = 10_000
const ISSUER = 'https://as.example'
const AUDIENCE = 'https://api.example/orders'

/** 10,000 callers at once with tokens of a key that has just been published. */
export const keyRotation: Suite = {
  name: 'key-rotation',
  async run(quick) {
    const rounds = quick ? 3 : 7
    // One burst warms up.
    const rotations = Array.from({ length: rounds + 1 }, (_, round) => rotation(round))
    await using floor = await contest('one fetch, and crypto.verify', 'floor', rotations, bare)
    await using ours = await contest('@countersign/guard', 'ours', rotations, guarded)
    await using jose = await contest('jose, no cooldown', 'peer', rotations, withJose)
    const contests = [floor, ours, jose]
    const measurements = await measureRounds(
      contests.map(({ contestant }) => contestant),
      { rounds, times: 1 },
    )
    const [, loads = NaN, josesLoads = NaN] = contests.map((one) => one.loads() / rotations.length)
    return [
      {
        title: `${CALLERS.toLocaleString('en')} callers at once with tokens of a new key, ES256`,
        conditions: `keys over loopback; loads of keys for each rotation: ours ${loads}, jose ${josesLoads}`,
        measurements,
        goals: [atMost('loads of keys for a rotation', loads, 1)],
      },
    ]
  },
}

interface Rotation {
  readonly mint: TokenMint
  readonly tokens: readonly string[]
}

function rotation(round: number): Rotation {
  const mint = tokenMint({ issuer: ISSUER, audience: AUDIENCE, now: Date.now, kid: `key-${round}` })
  return {
    mint,
    tokens: Array.from({ length: CALLERS }, () =>
      mint.token({ claims: { exp: Math.floor(Date.now() / 1000) + 86_400 } }),
    ),
  }
}

/** Verifies tokens by keys at an address; rejects for one that is not good. */
type Verify = (tokens: Rotation) => Promise<unknown>

interface Contest extends AsyncDisposable {
  readonly contestant: Contestant
  /** Loads of keys after the first one. */
  loads(): number
}

async function contest(
  name: string,
  role: Contestant['role'],
  rotations: readonly Rotation[],
  make: (jwksUri: string) => Promise<Verify>,
): Promise<Contest> {
  let keys = [tokenMint({ issuer: ISSUER, audience: AUDIENCE, now: Date.now, kid: 'old' }).jwk]
  const server: LoopbackServer = await startLoopbackServer(() => Response.json({ keys }))
  const verify = await make(`${server.origin}/jwks`)
  const before = server.requests.length
  let turn = 0
  return {
    loads: () => server.requests.length - before,
    contestant: {
      name,
      role,
      async run() {
        const next = rotations[turn++]
        if (next === undefined) throw new Error('no rotation left')
        keys = [next.mint.jwk]
        await verify(next)
      },
    },
    [Symbol.asyncDispose]: () => server.close(),
  }
}

async function bare(jwksUri: string): Promise<Verify> {
  return async ({ mint, tokens }) => {
    await (await fetch(jwksUri)).json()
    for (const token of tokens) {
      const dot = token.lastIndexOf('.')
      const signature = Buffer.from(token.slice(dot + 1), 'base64url')
      const input = Buffer.from(token.slice(0, dot))
      if (!verifySignature('sha256', input, mint.publicKey, formatDerSignature(signature))) {
        throw new Error('a bad signature')
      }
    }
  }
}

async function guarded(jwksUri: string): Promise<Verify> {
  let passed = 0
  // A minute between two rotations: in earnest there are days.
  const guard: Guard = createGuard({
    issuer: ISSUER,
    audience: AUDIENCE,
    jwksUri,
    now: () => Date.now() + passed,
  })
  await guard.ready()
  return async ({ tokens }) => {
    passed += 60_000
    const verdicts = await Promise.all(
      tokens.map((token) =>
        guard({
          method: 'GET',
          url: AUDIENCE,
          headers: new Headers({ authorization: `Bearer ${token}` }),
        }),
      ),
    )
    if (!verdicts.every(({ allowed }) => allowed)) throw new Error('a good token was refused')
  }
}

async function withJose(jwksUri: string): Promise<Verify> {
  const keys = createRemoteJWKSet(new URL(jwksUri), { cooldownDuration: 0 })
  await keys.reload()
  return ({ tokens }) =>
    Promise.all(
      tokens.map((token) =>
        jwtVerify(token, keys, { issuer: ISSUER, audience: AUDIENCE, typ: 'at+jwt' }),
      ),
    )
}
