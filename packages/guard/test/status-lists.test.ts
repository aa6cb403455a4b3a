import { inspect } from 'node:util'
import { deflateSync } from 'node:zlib'
import type { GuardEvent, GuardOptions } from '@countersign/guard'
import { statusLists, type StatusListsOptions } from '@countersign/guard/revocation'
import { formatBase64url, type JsonObject } from '@countersign/protocol'
import {
  startLoopbackServer,
  type LoopbackHandler,
  type ReceivedRequest,
} from '@countersign/testkit'
import { tokenMint, type TokenMint } from '@countersign/testkit/contracts'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bearer, startScriptedIssuer, type ScriptedIssuer } from './scripted-issuer.ts'

const MEDIA_TYPE = 'application/statuslist+jwt'

interface ListCase {
  readonly issuer: ScriptedIssuer
  /** Where the list is: another origin than the issuer's, which is allowed. */
  readonly uri: string
  readonly requests: readonly ReceivedRequest[]
  respond(handler: LoopbackHandler): void
  /** A token with its status at that place. */
  token(index: unknown, uri?: string): string
  ask(index: unknown, uri?: string): Promise<string>
  faults(): string[]
}

async function start(
  options: StatusListsOptions = {},
  guardOptions: Partial<GuardOptions> = {},
): Promise<ListCase> {
  let respond: LoopbackHandler = () => new Response(null, { status: 500 })
  const server = await startLoopbackServer((request, received) => respond(request, received))
  const issuer = await startScriptedIssuer({
    revocation: statusLists({ origins: [server.origin], ...options }),
    ...guardOptions,
  })
  onTestFinished(async () => {
    await issuer[Symbol.asyncDispose]()
    await server.close()
  })
  const at = `${server.origin}/statuslists/1`
  const token = (index: unknown, uri: string = at): string =>
    issuer.mint.token({ claims: { status: { status_list: { idx: index, uri } } } })
  return {
    issuer,
    uri: at,
    requests: server.requests,
    respond(handler) {
      respond = handler
    },
    token,
    ask: (index, uri) => issuer.ask(token(index, uri)),
    faults: () =>
      issuer.events.flatMap((event: GuardEvent) =>
        event.type === 'revocations_failed' ? [event.fault] : [],
      ),
  }
}

function listOf(statuses: readonly number[]): JsonObject {
  return { bits: 8, lst: formatBase64url(deflateSync(Uint8Array.from(statuses))) }
}

/** A status list token: of the statuses 0 to 4, apart from what is overridden. */
function listToken(
  { sign, kid, algorithm, now }: TokenMint,
  sub: string,
  claims: JsonObject = {},
  header: JsonObject = {},
): string {
  return sign(
    { typ: 'statuslist+jwt', alg: algorithm, kid, ...header },
    { sub, iat: Math.floor(now() / 1000), status_list: listOf([0, 1, 2, 3, 4]), ...claims },
  )
}

function answer(text: string, headers: Record<string, string> = {}): Response {
  return new Response(text, { headers: { 'content-type': MEDIA_TYPE, ...headers } })
}

describe('statusLists', () => {
  it('refuses what is invalid, suspended, of no known meaning or out of range [std:244] [std:245]', async () => {
    const one = await start()
    one.respond(() => answer(listToken(one.issuer.mint, one.uri)))
    const verdicts: string[] = []
    for (const index of [0, 1, 2, 3, 4, 5, 2 ** 50]) verdicts.push(await one.ask(index))
    expect(verdicts).toEqual([
      'allowed',
      '401 revoked',
      '401 suspended',
      '401 status_unusable',
      '401 status_unusable',
      '401 status_unusable',
      '401 status_unusable',
    ])
    expect(one.requests).toHaveLength(1)
    expect(one.requests[0]?.headers.get('accept')).toBe(MEDIA_TYPE)
    const explained = await one.issuer.guard.explain(bearer(one.token(2)))
    expect(explained.checks.find(({ outcome }) => outcome === 'failed')).toMatchObject({
      name: 'revocation',
      reason: 'suspended',
    })
  })

  it('loads nothing for a token that is not good, or that has no status', async () => {
    const one = await start()
    const status = { status_list: { idx: 0, uri: one.uri } }
    expect(await one.issuer.ask(one.issuer.mint.token({ claims: { status, exp: 1 } }))).toBe(
      '401 expired',
    )
    const { issuer, audience, now, kid } = one.issuer.mint
    const forged = tokenMint({ issuer, audience, now, kid }).token({ claims: { status } })
    expect(await one.issuer.ask(forged)).toBe('401 bad_signature')
    expect(await one.issuer.ask(one.issuer.mint.token())).toBe('allowed')
    expect(one.requests).toEqual([])
  })

  it.each([
    ['status', 'x'],
    ['status', null],
    ['status', {}],
    ['status', { identifier_list: { id: 'x' } }],
    ['idx', { status_list: { idx: -1, uri: 'URI' } }],
    ['idx', { status_list: { idx: '0', uri: 'URI' } }],
    ['idx', { status_list: { idx: 0.5, uri: 'URI' } }],
    ['idx', { status_list: { idx: 2 ** 53, uri: 'URI' } }],
    ['idx', { status_list: { uri: 'URI' } }],
    ['uri', { status_list: { idx: 0 } }],
    ['uri', { status_list: { idx: 0, uri: 1 } }],
    ['uri', { status_list: { idx: 0, uri: 'not a url' } }],
  ])('refuses a token whose %s names no place: %j', async (_what, template) => {
    const one = await start()
    const status: unknown = JSON.parse(JSON.stringify(template).replace('URI', one.uri))
    expect(await one.issuer.ask(one.issuer.mint.token({ claims: { status } }))).toBe(
      '401 status_unusable',
    )
    expect(one.requests).toEqual([])
  })

  it('goes to the origin of the issuer and to those it is told, and nowhere else', async () => {
    const asked: string[] = []
    const elsewhere = await startLoopbackServer((_, { path }) => {
      asked.push(path)
      return new Response()
    })
    onTestFinished(() => elsewhere.close())
    const one = await start()
    const { port } = new URL(one.uri)
    for (const uri of [
      `${elsewhere.origin}/list`,
      one.uri.replace('http:', 'https:'),
      one.uri.replace('127.0.0.1', 'localhost'),
      `http://127.0.0.1:${port}@${new URL(elsewhere.origin).host}/list`,
      `${one.uri.slice(0, -1)}\n1`,
      'file:///etc/passwd',
      'data:application/statuslist+jwt,x',
    ]) {
      expect([uri, await one.ask(0, uri)]).toEqual([uri, '401 status_unusable'])
    }
    expect([asked, one.requests]).toEqual([[], []])
    const own = `${one.issuer.origin}/jwks`
    expect(await one.ask(0, own)).toBe('503 revocation_unavailable')
    expect(one.faults()).toEqual(['content_type'])
  })

  const REFUSED: readonly (readonly [
    what: string,
    fault: string,
    answer: (one: ListCase) => Response | string,
  ])[] = [
    [
      'signed by a key of somebody else',
      'signature',
      ({ issuer: { mint }, uri }) =>
        listToken(
          tokenMint({ issuer: mint.issuer, audience: 'x', now: mint.now, kid: mint.kid }),
          uri,
        ),
    ],
    [
      'without a signature',
      'unacceptable',
      ({ issuer, uri }) => listToken(issuer.mint, uri, {}, { alg: 'none' }),
    ],
    [
      'of another type',
      'unacceptable',
      ({ issuer, uri }) => listToken(issuer.mint, uri, {}, { typ: 'at+jwt' }),
    ],
    [
      'that is about another address',
      'unacceptable',
      ({ issuer, uri }) => listToken(issuer.mint, `${uri}0`),
    ],
    [
      'of another issuer',
      'unacceptable',
      ({ issuer, uri }) => listToken(issuer.mint, uri, { iss: 'https://other.example' }),
    ],
    ['that is over', 'expired', ({ issuer, uri }) => listToken(issuer.mint, uri, { exp: 1 })],
    [
      'from the future',
      'unacceptable',
      ({ issuer, uri }) =>
        listToken(issuer.mint, uri, { iat: Math.floor(issuer.clock.now() / 1000) + 61 }),
    ],
    ['without iat', 'unacceptable', (one) => listToken(one.issuer.mint, one.uri, { iat: null })],
    ['with a ttl of 0', 'unacceptable', (one) => listToken(one.issuer.mint, one.uri, { ttl: 0 })],
    [
      'with an exp that is no number',
      'unacceptable',
      (one) => listToken(one.issuer.mint, one.uri, { exp: 'never' }),
    ],
    [
      'without a list',
      'unacceptable',
      (one) => listToken(one.issuer.mint, one.uri, { status_list: undefined }),
    ],
    [
      'whose list inflates beyond the bound',
      'unacceptable',
      (one) =>
        listToken(one.issuer.mint, one.uri, {
          status_list: listOf(Array.from({ length: 1001 }, () => 0)),
        }),
    ],
    ['that is too long', 'too_large', () => answer('x'.repeat(16_384 + 1778 + 1))],
    [
      'of another media type',
      'content_type',
      (one) => new Response(listToken(one.issuer.mint, one.uri)),
    ],
    ['elsewhere', 'redirect', (one) => Response.redirect(`${one.uri}/other`, 302)],
    ['that cannot be had', 'status', () => new Response('MARKER', { status: 404 })],
  ]

  it.each(REFUSED)('does not believe a list %s', async (_what, fault, given) => {
    const one = await start({ maxBytes: 1000 })
    one.respond(() => {
      const made = given(one)
      return typeof made === 'string' ? answer(made) : made
    })
    const verdict = await one.issuer.guard(bearer(one.token(0)))
    expect(verdict).toMatchObject({ status: 503, reason: 'revocation_unavailable' })
    expect(one.faults()).toEqual([fault])
    expect(inspect([verdict, one.issuer.events], { depth: 9 })).not.toMatch(
      /MARKER|eyJ|statuslists/,
    )
  })

  it.each([
    ['its ttl', {}, { ttl: 60 }, 60_000],
    ['ten seconds, where its ttl is less', {}, { ttl: 1 }, 10_000],
    ['maxAge, where its ttl is more', {}, { ttl: 43_200 }, 300_000],
    ['maxAge, where it has none', { maxAge: 20_000 }, {}, 20_000],
  ])(
    'uses a list for %s, whatever HTTP says, and looks again by entity tag [std:246]',
    async (_how, options, claims, span) => {
      const one = await start(options)
      one.respond((request) =>
        request.headers.get('if-none-match') === '"list"'
          ? new Response(null, { status: 304 })
          : answer(listToken(one.issuer.mint, one.uri, claims), {
              etag: '"list"',
              'cache-control': 'no-store',
            }),
      )
      const askAll = async (): Promise<void> => {
        const verdicts = await Promise.all(Array.from({ length: 50 }, () => one.ask(0)))
        expect(new Set(verdicts)).toEqual(new Set(['allowed']))
      }
      await askAll()
      // By then it is due at the earliest.
      one.issuer.clock.advance(span * 0.7 - 1)
      await askAll()
      expect(one.requests).toHaveLength(1)
      one.issuer.clock.advance(span * 0.3 + 1)
      await askAll()
      expect(one.requests.map(({ headers }) => headers.get('if-none-match'))).toEqual([
        null,
        '"list"',
      ])
      expect(one.issuer.events.filter(({ type }) => type === 'revocations_loaded')).toHaveLength(1)
    },
  )

  it('sees a change at the issuer, of a token that it has taken before, within that time', async () => {
    const one = await start()
    let statuses = [0, 0]
    one.respond(() =>
      answer(listToken(one.issuer.mint, one.uri, { status_list: listOf(statuses) })),
    )
    const iat = Math.floor(one.issuer.clock.now() / 1000)
    const token = one.issuer.mint.token({
      claims: { exp: iat + 3600, status: { status_list: { idx: 1, uri: one.uri } } },
    })
    expect(await one.issuer.ask(token)).toBe('allowed')
    statuses = [0, 2]
    one.issuer.clock.advance(300_000)
    expect(await one.issuer.ask(token)).toBe('401 suspended')
    statuses = [0, 0]
    one.issuer.clock.advance(300_000)
    expect(await one.issuer.ask(token)).toBe('allowed')
    expect(one.requests).toHaveLength(3)
  })

  it('never goes back to a list that was made before', async () => {
    const one = await start()
    const old = listToken(one.issuer.mint, one.uri, { status_list: listOf([0]) })
    one.issuer.clock.advance(1000)
    const made = listToken(one.issuer.mint, one.uri, { status_list: listOf([1]) })
    one.respond(() => answer(made))
    expect(await one.ask(0)).toBe('401 revoked')
    one.respond(() => answer(old))
    one.issuer.clock.advance(300_000)
    expect(await one.ask(0)).toBe('401 revoked')
  })

  it('goes on by a list that cannot be renewed for staleFor, never beyond its exp, then says 503, then comes back', async () => {
    const one = await start({ staleFor: 60_000 })
    const good = (): Response => answer(listToken(one.issuer.mint, one.uri))
    one.respond(good)
    expect(await one.ask(0)).toBe('allowed')
    one.respond(() => new Response(null, { status: 503, headers: { 'retry-after': '90' } }))
    one.issuer.clock.advance(359_999)
    expect([await one.ask(0), await one.ask(1)]).toEqual(['allowed', '401 revoked'])
    one.issuer.clock.advance(1)
    expect(await one.issuer.guard(bearer(one.token(0)))).toMatchObject({
      status: 503,
      challenge: undefined,
      reason: 'revocation_unavailable',
      retryAfter: 90,
    })
    expect(await one.ask(1)).toBe('401 revoked')
    expect(one.requests).toHaveLength(2)
    one.respond(good)
    one.issuer.clock.advance(90_000)
    expect(await one.ask(0)).toBe('allowed')
    const exp = Math.floor(one.issuer.clock.now() / 1000) + 400
    one.respond(() => answer(listToken(one.issuer.mint, one.uri, { exp })))
    one.issuer.clock.advance(300_000)
    expect(await one.ask(0)).toBe('allowed')
    one.respond(() => new Response(null, { status: 500 }))
    one.issuer.clock.advance(100_000 + 4999)
    expect(await one.ask(0)).toBe('allowed')
    one.issuer.clock.advance(1)
    expect(await one.ask(0)).toBe('503 revocation_unavailable')
  })

  it('lets tokens pass unchecked where that is its policy, and says so', async () => {
    const one = await start({ whenUnknown: 'allow' })
    expect(await one.ask(0)).toBe('allowed')
    expect(one.issuer.events).toContainEqual({
      type: 'unchecked',
      source: 'status_list',
      issuer: one.issuer.origin,
      clientId: 'billing',
    })
  })

  it('holds so many lists and no more: the one used longest ago goes first', async () => {
    const one = await start({ maxLists: 2 })
    const origin = new URL(one.uri).origin
    one.respond((_, { path }) => answer(listToken(one.issuer.mint, origin + path)))
    const asked = async (...paths: string[]): Promise<string[]> => {
      const before = one.requests.length
      for (const path of paths) expect(await one.ask(0, origin + path)).toBe('allowed')
      return one.requests.slice(before).map(({ path }) => path)
    }
    expect(await asked('/a', '/b', '/a', '/c')).toEqual(['/a', '/b', '/c'])
    expect(await asked('/a', '/c')).toEqual([])
    expect(await asked('/b', '/c', '/a')).toEqual(['/b', '/a'])
  })

  it('is not asked where it is not set: then status says nothing', async () => {
    const one = await start({}, { revocation: [] })
    expect(await one.ask(1)).toBe('allowed')
    expect(one.requests).toEqual([])
  })

  it('refuses wrong options', () => {
    for (const [option, wrong] of [
      ['origins', { origins: 'https://status.example' }],
      ['origins[0]', { origins: ['http://status.example'] }],
      ['origins[1]', { origins: ['https://status.example', 'https://status.example/lists'] }],
      ['maxAge', { maxAge: 9999 }],
      ['staleFor', { staleFor: -1 }],
      ['whenUnknown', { whenUnknown: 'ignore' }],
      ['maxBytes', { maxBytes: 0 }],
      ['maxLists', { maxLists: 0 }],
      ['ttl', { ttl: 1 }],
    ] as const) {
      const make = (): unknown => statusLists(wrong as object)
      expect(make).toThrow(expect.objectContaining({ name: 'ArgumentError', option }))
    }
  })
})
