import { DENIAL_REASONS, type DenialReason } from '@countersign/guard'
import { parseChallenges } from '@countersign/protocol'
import { describe, expect, it } from 'vitest'
import { denialChallenge } from '../src/lib/verdict/challenge.ts'

const REASONS = Object.keys(DENIAL_REASONS) as DenialReason[]
const OFFERED = [
  { scheme: 'Bearer' },
  { scheme: 'DPoP', parameters: [['algs', 'ES256 EdDSA']] },
] as const

/** The challenge of a guard that takes both schemes, has two scopes and publishes metadata. */
function challengeFor(reason: DenialReason): string | undefined {
  const withProof = reason.startsWith('dpop_') && reason !== 'dpop_required'
  return denialChallenge('orders', reason, ['orders:read', 'orders:write'], {
    offered: OFFERED,
    used: withProof ? 'DPoP' : 'Bearer',
    resourceMetadata: 'https://api.example/about',
  })
}

describe('the answer to every reason', () => {
  it('is written down, letter by letter; if it should change: vitest -u packages/guard/test/challenges [field:46]', async () => {
    const lines = REASONS.map((reason) => {
      const challenge = challengeFor(reason) ?? 'no challenge, and Retry-After'
      return `${reason}: ${DENIAL_REASONS[reason].status}\n  ${challenge.replaceAll('", ', '",\n  ')}\n`
    })
    await expect(lines.join('')).toMatchFileSnapshot('challenges.txt')
  })

  it('can be read by anybody, and has one error in one challenge [std:54] [field:46, 48]', () => {
    for (const reason of REASONS) {
      const { status, error, description } = DENIAL_REASONS[reason]
      const text = challengeFor(reason)
      expect([reason, text === undefined]).toEqual([reason, status === 503])
      if (text === undefined) continue
      const challenges = parseChallenges(text)
      const errors = challenges.ok
        ? challenges.value.flatMap(({ parameters }) =>
            parameters.has('error')
              ? [[parameters.get('error'), parameters.get('error_description')]]
              : [],
          )
        : undefined
      expect([reason, errors]).toEqual([reason, error === undefined ? [] : [[error, description]]])
    }
  })
})
