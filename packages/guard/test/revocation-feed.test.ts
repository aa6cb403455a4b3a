import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import type { GuardEvent } from '@countersign/guard'
import { revocationFeed, type RevocationFeedOptions } from '@countersign/guard/revocation'
import { handClock } from '@countersign/testkit'
import { tokenMint } from '@countersign/testkit/contracts'
import { describe, expect, it, onTestFinished } from 'vitest'
import { handDeadlines } from './hand-deadlines.ts'
import { bearer, gate, startScriptedIssuer, type ScriptedIssuer } from './scripted-issuer.ts'
import {
  feedAnswer,
  feedOf,
  markOf,
  startScriptedFeed,
  type ScriptedFeed,
} from './scripted-feed.ts'

const INTERVAL = 10_000
const BILLING = markOf('client', 'billing')

async function start(
  options: RevocationFeedOptions = {},
): Promise<{ readonly issuer: ScriptedIssuer; readonly feed: ScriptedFeed }> {
  const feed = await startScriptedFeed(options)
  const issuer = await startScriptedIssuer({ revocation: feed.source })
  onTestFinished(async () => {
    await issuer[Symbol.asyncDispose]()
    await feed[Symbol.asyncDispose]()
  })
  feed.respond(() => feedAnswer(feedOf(issuer.mint)))
  return { issuer, feed }
}

function failures(events: readonly GuardEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'revocations_failed' ? [event.fault] : []))
}

/** What a mint of the same name, with a key of its own, says. */
function strangerOf({ mint }: ScriptedIssuer): ReturnType<typeof tokenMint> {
  const { issuer, audience, now, kid } = mint
  return tokenMint({ issuer, audience, now, kid })
}

const second = (issuer: ScriptedIssuer, ahead = 0): number =>
  Math.floor(issuer.clock.now() / 1000) + ahead

const REFUSED: readonly (readonly [
  what: string,
  fault: string,
  answer: (issuer: ScriptedIssuer) => Response | string,
])[] = [
  ['signed by a key of somebody else', 'signature', (issuer) => feedOf(strangerOf(issuer))],
  [
    'signed by a key that is not published',
    'signature',
    (issuer) => feedOf(issuer.newMint('unpublished')),
  ],
  [
    'changed after it was signed',
    'signature',
    ({ mint }) => {
      const [header, , signature] = feedOf(mint, { marks: [BILLING] }).split('.')
      return [header, feedOf(mint).split('.')[1], signature].join('.')
    },
  ],
  ['without a signature', 'unacceptable', ({ mint }) => feedOf(mint, {}, { alg: 'none' })],
  ['of another type', 'unacceptable', ({ mint }) => feedOf(mint, {}, { typ: 'at+jwt' })],
  ['that is an access token', 'unacceptable', ({ mint }) => mint.token()],
  [
    'of another issuer',
    'unacceptable',
    ({ mint }) => feedOf(mint, { iss: 'https://other.example' }),
  ],
  ['that is over', 'expired', (issuer) => feedOf(issuer.mint, { exp: second(issuer, -5) })],
  [
    'that is over, though its exp lies a century ahead',
    'expired',
    (issuer) => feedOf(issuer.mint, { iat: second(issuer, -86_406), exp: second(issuer, 3e9) }),
  ],
  ['from the future', 'unacceptable', (issuer) => feedOf(issuer.mint, { iat: second(issuer, 61) })],
  ['without iat', 'unacceptable', ({ mint }) => feedOf(mint, { iat: undefined })],
  ['without exp', 'unacceptable', ({ mint }) => feedOf(mint, { exp: null })],
  ['without a revision', 'unacceptable', ({ mint }) => feedOf(mint, { revision: '1' })],
  ['without marks', 'unacceptable', ({ mint }) => feedOf(mint, { marks: {} })],
  [
    'with one mark that cannot be read',
    'unacceptable',
    ({ mint }) => feedOf(mint, { marks: [BILLING, [BILLING[0], '0', null]] }),
  ],
  [
    'with a digest of another length',
    'unacceptable',
    ({ mint }) => feedOf(mint, { marks: [['short', null, null]] }),
  ],
  ['with a mark of two', 'unacceptable', ({ mint }) => feedOf(mint, { marks: [BILLING.slice(1)] })],
  [
    'with more marks than may be held',
    'too_large',
    ({ mint }) =>
      feedOf(mint, {
        marks: Array.from({ length: 101 }, (_, index) => markOf('token', `${index}`)),
      }),
  ],
  ['longer than that many marks', 'too_large', () => feedAnswer('x'.repeat(16_384 + 80 * 100 + 1))],
  ['that is no JWT', 'unacceptable', () => feedAnswer('<html>')],
  ['of another media type', 'content_type', ({ mint }) => new Response(feedOf(mint))],
  ['elsewhere', 'redirect', () => Response.redirect('http://127.0.0.1:1/', 302)],
  ['that cannot be had', 'status', () => new Response('MARKER', { status: 500 })],
  ['that is not there', 'status', () => new Response('MARKER', { status: 404 })],
  ['that is cut off', 'network', () => Response.error()],
]

describe('revocationFeed', () => {
  it.each(REFUSED)('does not believe a feed %s', async (_what, fault, answer) => {
    const { issuer, feed } = await start({ maxMarks: 100 })
    feed.respond(() => {
      const given = answer(issuer)
      return typeof given === 'string' ? feedAnswer(given) : given
    })
    const verdict = await issuer.guard(bearer(issuer.mint.token()))
    expect(verdict).toMatchObject({ status: 503, reason: 'revocation_unavailable' })
    expect(failures(issuer.events)).toEqual([fault])
    expect(inspect([verdict, issuer.events], { depth: 9 })).not.toMatch(/MARKER|eyJ/)
    // What was read before stays, whatever comes after it.
    feed.respond(() => feedAnswer(feedOf(issuer.mint, { marks: [markOf('token', 'ended')] })))
    issuer.clock.advance(2000)
    expect(await issuer.ask(issuer.mint.token({ claims: { jti: 'ended' } }))).toBe('401 revoked')
    feed.respond(() => {
      const given = answer(issuer)
      return typeof given === 'string' ? feedAnswer(given) : given
    })
    issuer.clock.advance(INTERVAL)
    expect(await issuer.ask(issuer.mint.token({ claims: { jti: 'ended' } }))).toBe('401 revoked')
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    expect(failures(issuer.events)).toEqual([fault, fault])
  })

  it('is not taken for an access token', async () => {
    const { issuer } = await start()
    expect(await issuer.ask(feedOf(issuer.mint))).toBe('401 wrong_type')
  })

  it('goes by iat in whole seconds, up to and including that of the mark', async () => {
    const { issuer, feed } = await start()
    const [digest] = BILLING
    const marks = [[digest, second(issuer), second(issuer, 9)]]
    feed.respond(() => feedAnswer(feedOf(issuer.mint, { marks })))
    expect(await issuer.ask(issuer.mint.token())).toBe('401 revoked')
    const after = { claims: { iat: second(issuer, 1) } }
    expect(await issuer.ask(issuer.mint.token(after))).toBe('allowed')
  })

  it('takes the farthest of two marks for one thing', async () => {
    const { issuer, feed } = await start()
    const [digest] = BILLING
    feed.respond(() => feedAnswer(feedOf(issuer.mint, { marks: [BILLING, [digest, 1, null]] })))
    expect(await issuer.ask(issuer.mint.token())).toBe('401 revoked')
  })

  it('never goes back to an older feed: nor of an earlier second, nor of a lower revision', async () => {
    const { issuer, feed } = await start()
    const token = issuer.mint.token()
    const older = feedOf(issuer.mint, { revision: 9 })
    issuer.clock.advance(1000)
    const sameSecond = feedOf(issuer.mint, { revision: 4 })
    const newest = feedOf(issuer.mint, { revision: 5, marks: [BILLING] })
    feed.respond(() => feedAnswer(newest))
    expect(await issuer.ask(token)).toBe('401 revoked')
    for (const replayed of [older, sameSecond]) {
      feed.respond(() => feedAnswer(replayed, { etag: '"replayed"' }))
      issuer.clock.advance(INTERVAL)
      expect(await issuer.ask(token)).toBe('401 revoked')
    }
    // Nor does an entity tag of theirs stand for what is held.
    issuer.clock.advance(INTERVAL)
    await issuer.ask(token)
    expect(feed.requests.map(({ headers }) => headers.get('if-none-match'))).toEqual([
      null,
      null,
      null,
      null,
    ])
    feed.respond(() => feedAnswer(feedOf(issuer.mint, { revision: 6 })))
    issuer.clock.advance(INTERVAL)
    expect(await issuer.ask(token)).toBe('allowed')
    expect(failures(issuer.events)).toEqual([])
  })

  it('asks for the whole of a feed that is over, and takes no 304 for it', async () => {
    const { issuer, feed } = await start()
    const only = feedOf(issuer.mint)
    feed.respond((request) =>
      request.headers.has('if-none-match')
        ? new Response(null, { status: 304 })
        : feedAnswer(only, { etag: '"one"' }),
    )
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    issuer.clock.advance(INTERVAL)
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    issuer.clock.advance(300_000)
    expect(await issuer.ask(issuer.mint.token())).toBe('503 revocation_unavailable')
    expect(feed.requests.map(({ headers }) => headers.get('if-none-match'))).toEqual([
      null,
      '"one"',
      null,
    ])
    expect(failures(issuer.events)).toEqual(['expired'])
  })

  it('does not believe a key that the feed has revoked, in that feed or a later one', async () => {
    const { issuer, feed } = await start()
    const stolen = issuer.newMint('stolen')
    issuer.publish(issuer.mint, stolen)
    const { kty, crv, x, y } = stolen.jwk
    const thumbprint = createHash('sha256')
      .update(JSON.stringify({ crv, kty, x, y }))
      .digest('base64url')
    const marks = [markOf('signing_key', thumbprint)]
    feed.respond(() => feedAnswer(feedOf(stolen, { marks })))
    expect(await issuer.ask(issuer.mint.token())).toBe('503 revocation_unavailable')
    feed.respond(() => feedAnswer(feedOf(issuer.mint, { marks })))
    issuer.clock.advance(2000)
    expect(await issuer.ask(stolen.token())).toBe('401 revoked')
    feed.respond(() => feedAnswer(feedOf(stolen, { revision: 2 })))
    issuer.clock.advance(INTERVAL)
    expect(await issuer.ask(stolen.token())).toBe('401 revoked')
    expect(failures(issuer.events)).toEqual(['signature', 'signature'])
  })

  it('pauses longer and longer while it fails, and honours Retry-After', async () => {
    const { issuer, feed } = await start()
    feed.respond(() => new Response(null, { status: 502 }))
    const pauses: number[] = []
    for (let failure = 1; failure <= 7; failure++) {
      await Promise.all(Array.from({ length: 100 }, () => issuer.ask(issuer.mint.token())))
      expect(feed.requests).toHaveLength(failure)
      const event = issuer.events.findLast(({ type }) => type === 'revocations_failed')
      if (event?.type !== 'revocations_failed') throw new Error('no load failed')
      expect(event.failures).toBe(failure)
      pauses.push(event.retryAt - issuer.clock.now())
      issuer.clock.advance(pauses.at(-1) ?? 0)
    }
    for (const [index, pause] of pauses.entries()) {
      const base = Math.min(1000 * 2 ** index, 30_000)
      expect(pause).toBeGreaterThanOrEqual(base)
      expect(pause).toBeLessThanOrEqual(Math.min(base * 1.2, 30_000))
    }
    feed.respond(() => new Response(null, { status: 503, headers: { 'retry-after': '120' } }))
    const verdict = await issuer.guard(bearer(issuer.mint.token()))
    expect(verdict).toMatchObject({ status: 503, retryAfter: 120 })
  })

  it('lets nobody wait for a server that hangs, once it has, while the last feed counts', async () => {
    const feed = await startScriptedFeed()
    await using issuer = await startScriptedIssuer({ revocation: feed.source })
    const deadlines = handDeadlines()
    onTestFinished(() => feed[Symbol.asyncDispose]())
    feed.respond(() => feedAnswer(feedOf(issuer.mint)))
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    const hanging = gate()
    onTestFinished(() => hanging.open())
    let asked = gate()
    feed.respond(() => {
      asked.open()
      return hanging.opened.then(() => new Response())
    })
    issuer.clock.advance(INTERVAL)
    // This one waits to its deadline, and goes on by what is held.
    const waiting = issuer.ask(issuer.mint.token())
    await asked.opened
    deadlines.pass()
    expect(await waiting).toBe('allowed')
    asked = gate()
    expect(failures(issuer.events)).toEqual(['timeout'])
    issuer.clock.advance(2000)
    const verdicts = await Promise.all(
      Array.from({ length: 50 }, () => issuer.ask(issuer.mint.token())),
    )
    expect(new Set(verdicts)).toEqual(new Set(['allowed']))
    // The load that they began was not waited for: it has neither come nor been given up.
    expect(failures(issuer.events)).toEqual(['timeout'])
    await asked.opened
    expect(feed.requests).toHaveLength(3)
  })

  it('has marks, checks and memory that do not depend on how many tokens come', async () => {
    const { issuer, feed } = await start({ maxMarks: 5000 })
    const marks = Array.from({ length: 5000 }, (_, index) => markOf('token', `ended-${index}`))
    feed.respond(() => feedAnswer(feedOf(issuer.mint, { marks })))
    expect(await issuer.ask(issuer.mint.token({ claims: { jti: 'ended-4999' } }))).toBe(
      '401 revoked',
    )
    for (let i = 0; i < 200; i++) expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    expect(feed.requests).toHaveLength(1)
  })

  it('goes on after the clock was set back, by a load at once', async () => {
    const { issuer, feed } = await start()
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    issuer.clock.advance(-30_000)
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    expect(feed.requests).toHaveLength(2)
  })

  it('says so where the metadata of the issuer names no feed', async () => {
    await using issuer = await startScriptedIssuer({ revocation: revocationFeed(), discover: true })
    expect(await issuer.ask(issuer.mint.token())).toBe('503 revocation_unavailable')
    expect(failures(issuer.events)).toEqual(['no_feed'])
  })

  it('cannot believe a feed while the keys of the issuer cannot be had', async () => {
    const clock = handClock()
    const { issuer, feed } = await start({ whenUnknown: 'allow' })
    const stranger = tokenMint({ issuer: issuer.origin, audience: 'x', now: clock.now, kid: 'new' })
    await issuer.ask(issuer.mint.token())
    issuer.respond(() => new Response(null, { status: 503, headers: { 'retry-after': '9' } }))
    feed.respond(() => feedAnswer(feedOf(stranger)))
    issuer.clock.advance(INTERVAL)
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    expect(failures(issuer.events)).toEqual(['keys'])
  })

  it('refuses wrong options', () => {
    for (const [option, wrong] of [
      ['url', { url: 'http://as.example/feed' }],
      ['interval', { interval: 999 }],
      ['staleFor', { staleFor: -1 }],
      ['whenUnknown', { whenUnknown: true }],
      ['maxMarks', { maxMarks: 0 }],
      ['every', { every: 1 }],
    ] as const) {
      const make = (): unknown => revocationFeed(wrong as object)
      expect(make).toThrow(expect.objectContaining({ name: 'ArgumentError', option }))
    }
  })
})
