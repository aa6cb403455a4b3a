import { createHmac, createSecretKey, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto'
import { digestsEqual, secretDigest } from '../../packages/server/src/lib/secrets/secret-digest.ts'
import { atMost } from '../lib/goals.ts'
import type { Suite } from '../lib/report.ts'
import { measureRounds, type Contestant } from '../lib/rounds.ts'

/** What it costs to check a client secret, beside what slow hashes cost those who need them. */
export const secretCheck: Suite = {
  name: 'secret-check',
  async run(quick) {
    const secret = 'csgn_0123456789012345678901234567890123456789012345678'
    const pepper = createSecretKey(randomBytes(32))
    const digest = createHmac('sha256', pepper).update(secret).digest()
    const stored = digest.toString('base64url')
    const salt = randomBytes(16)
    const slow = scryptSync(secret, salt, 32)
    const fast: Contestant[] = [
      repeated('HMAC-SHA-256, timingSafeEqual', 'floor', () =>
        timingSafeEqual(createHmac('sha256', pepper).update(secret).digest(), digest),
      ),
      repeated('secretDigest, digestsEqual', 'ours', () =>
        digestsEqual(secretDigest(pepper, secret), Buffer.from(stored, 'base64url')),
      ),
    ]
    const slowOnes: Contestant[] = [
      repeated('scrypt of node:crypto, its defaults', 'peer', () =>
        timingSafeEqual(scryptSync(secret, salt, 32), slow),
      ),
    ]
    const rounds = quick ? 5 : 15
    const measurements = await measureRounds(fast, { rounds, times: quick ? 5000 : 100_000 })
    const beside = await measureRounds(slowOnes, { rounds: quick ? 1 : 5, times: 3 })
    const [floor, ours] = measurements
    return [
      {
        title: 'A client secret checked',
        conditions:
          'a generated secret of 256 bits; whoever lets people choose theirs pays the last row',
        measurements: [
          ...measurements,
          ...beside.map((one) => ({
            ...one,
            ratio: one.nanoseconds / (floor?.nanoseconds ?? NaN),
          })),
        ],
        goals: [atMost('microseconds', (ours?.nanoseconds ?? NaN) / 1000, 3)],
      },
    ]
  },
}

function repeated(name: string, role: Contestant['role'], check: () => boolean): Contestant {
  return {
    name,
    role,
    run(times) {
      for (let i = 0; i < times; i++) if (!check()) throw new Error(`${name}: not the same`)
    },
  }
}
