import { inspect } from 'node:util'
import type { RevocationSource } from '@countersign/guard/revocation'
import { describe, expect, it } from 'vitest'
import { startScriptedIssuer } from './scripted-issuer.ts'
describe('a revocation source', () => {
  it('never sees the text of a token, remembered or not', async () => {
    const seen: string[] = []
    const own: RevocationSource = () => (token) => {
      seen.push(inspect(token, { depth: 9 }) + JSON.stringify(token))
      return { ok: true }
    }
    await using issuer = await startScriptedIssuer({ revocation: own })
    const token = issuer.mint.token()
    expect(await issuer.ask(token)).toBe('allowed')
    expect(await issuer.ask(token)).toBe('allowed')
    expect(seen.join()).not.toContain(token)
  })
})
