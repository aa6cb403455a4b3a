import { inspect } from 'node:util'
import { dpopNonces, dpopVerifier, importHmacVerifier, publicFetch } from '@countersign/verify'
import { describe, expect, it } from 'vitest'
import { proofMint, URL_CALLED } from './proof-mint.ts'

const MARKER = 'MARKER-of-a-secret-that-nobody-may-see'

/** Everything that a log or a console could show of a value. */
function shown(value: unknown): string {
  const error =
    value instanceof Error ? `${value.message} ${value.stack} ${String(value.cause)}` : ''
  return `${inspect(value, { depth: 9, showHidden: true })} ${JSON.stringify(value)} ${error}`
}

async function rejection(work: () => unknown): Promise<unknown> {
  try {
    await work()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

describe('no secret and no token of a request is shown', () => {
  it('by what is made of secrets', async () => {
    const nonces = dpopNonces({ secrets: [MARKER], audience: 'a' })
    await nonces.issue()
    for (const made of [nonces, dpopVerifier({ nonces }), await importHmacVerifier(MARKER)]) {
      expect(made).toBeDefined()
      expect(shown(made)).not.toContain(MARKER)
    }
  })

  it('by errors', async () => {
    const key = `-----BEGIN PRIVATE KEY-----${MARKER}`
    const errors = [
      await rejection(() => dpopNonces({ secrets: [MARKER, 'MARKER short'], audience: 'a' })),
      await rejection(() => dpopNonces({ secrets: MARKER as never, audience: 'a' })),
      await rejection(() => importHmacVerifier(key)),
      await rejection(() => publicFetch()(`https://10.0.0.1/${MARKER}`)),
      await rejection(() => publicFetch()(`https://user:${MARKER}@keys.example/`)),
      await rejection(() =>
        publicFetch({ ca: MARKER, resolve: async () => ['x'] })('https://a.example/'),
      ),
    ]
    for (const error of errors) expect(shown(error)).not.toMatch(/MARKER/)
  })

  it('by verdicts: neither the token nor the proof', async () => {
    const verify = dpopVerifier()
    const { proof } = proofMint(Date.now)
    const request = { method: 'POST', url: URL_CALLED, accessToken: MARKER }
    for (const text of [MARKER, `${MARKER}.a.b`, proof(), proof({ claims: { htu: MARKER } })]) {
      const verdict = await verify({ ...request, proof: text })
      expect(verdict.ok).toBe(false)
      expect(shown(verdict)).not.toContain(MARKER)
    }
  })
})
