import { revocationHook, revocationMarks } from '@countersign/guard/revocation'
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { startAsking } from './asking-guard.ts'
import { feedAnswer, feedOf, startScriptedFeed } from './scripted-feed.ts'

/** The answer of an issuer that does not say when a token was issued, as RFC 7662 lets it. */
function undated(active: Record<string, unknown>): Response {
  const { iat: _iat, ...members } = active
  return Response.json(members)
}

describe('an opaque token of which nobody says when it was issued', () => {
  it('ends with what was issued up to now, however often its issuer is asked anew', async () => {
    const marks = revocationMarks()
    const { ask, answer, active, clock } = await startAsking({}, { revocation: marks })
    answer(() => undated(active()))
    expect(await ask()).toBe('allowed')
    clock.advance(5000)
    marks.revoke('client', 'billing', { issuedUntil: clock.now() })
    expect(await ask()).toBe('401 revoked')
    clock.advance(120_000)
    expect(await ask()).toBe('401 revoked')
    expect(await ask('opaque-2')).toBe('401 revoked')
    marks.restore('client', 'billing')
    expect(await ask()).toBe('allowed')
  })

  it('leaves those alone whose issuer says that they came later', async () => {
    const marks = revocationMarks()
    const { ask, answer, active, clock } = await startAsking({}, { revocation: marks })
    marks.revoke('client', 'billing', { issuedUntil: clock.now() })
    clock.advance(5000)
    const later = active()
    answer(() => Response.json(later))
    expect(await ask()).toBe('allowed')
  })

  it('ends with a mark of the feed', async () => {
    await using feed = await startScriptedFeed()
    const { ask, answer, active, clock, mint } = await startAsking({}, { revocation: feed.source })
    const digest = createHash('sha256').update('client billing').digest('base64url').slice(0, 22)
    const notAfter = Math.floor(clock.now() / 1000)
    feed.respond(() => feedAnswer(feedOf(mint, { marks: [[digest, notAfter, null]] })))
    clock.advance(120_000)
    answer(() => undated(active()))
    expect(await ask()).toBe('401 revoked')
    answer(() => undated(active({ client_id: 'shipping', sub: 'shipping' })))
    expect(await ask('opaque-2')).toBe('allowed')
  })

  it('is as old as can be for a hook', async () => {
    const instants: number[] = []
    const hook = revocationHook(({ issuedAt }) => {
      instants.push(issuedAt)
      return false
    })
    const { ask, answer, active, clock } = await startAsking({}, { revocation: hook })
    answer(() => undated(active()))
    await ask()
    answer(() => Response.json(active()))
    await ask('opaque-2')
    expect(instants).toEqual([0, Math.floor(clock.now() / 1000) * 1000])
  })
})
