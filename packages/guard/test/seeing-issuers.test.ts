import { inspect } from 'node:util'
import {
  createGuard,
  type GuardEvent,
  type GuardOptions,
  type IssuerOptions,
} from '@countersign/guard'
import { guarded } from '@countersign/guard/fetch'
import { guardMetrics } from '@countersign/guard/opentelemetry'
import { revocationHook } from '@countersign/guard/revocation'
import { startLoopbackServer } from '@countersign/testkit'
import { proofMint } from '@countersign/testkit/contracts'
import { describe, expect, it, onTestFinished } from 'vitest'
import { recordingMeter } from './recording-meter.ts'
import { bearer } from './scripted-issuer.ts'
import { QUESTIONS, startTwo } from './two-issuers.ts'

const MARKER = 'marker-51c0de'

/** Two issuers, and what the guard tells of the verdict on a token: type, reason, issuer and client. */
async function startSeen(
  first: Partial<IssuerOptions> = {},
  second: Partial<IssuerOptions> = {},
  options: Partial<GuardOptions> = {},
) {
  const two = await startTwo(first, second, options)
  const told = async (token: string): Promise<unknown> => {
    two.events.length = 0
    await two.guard(bearer(token))
    return two.events.flatMap((event) =>
      event.type === 'denied' || event.type === 'would_deny'
        ? [[event.type, event.reason, event.issuer, event.clientId]]
        : [],
    )
  }
  return { ...two, told }
}

describe('the issuer that a guard of several tells of', () => {
  it.each(['denied', 'would_deny'] as const)(
    'is with %s whose rules judged the token',
    async (type) => {
      const { clock, a, b, told } = await startSeen({}, {}, { reportOnly: type === 'would_deny' })
      const exp = clock.now() / 1000 - 60
      for (const { issuer, mint } of [a, b]) {
        const wanted: readonly (readonly [string, string, string | undefined])[] = [
          [mint.token({ claims: { exp } }), 'expired', 'billing'],
          [mint.token({ claims: { aud: 'other' } }), 'wrong_audience', 'billing'],
          [mint.token({ claims: { sub: 'ada' } }), 'principal_kind', 'billing'],
          [mint.token({ header: { kid: 'stranger' } }), 'unknown_key', undefined],
          [mint.token({ header: { typ: 'JWT' } }), 'wrong_type', undefined],
          [`${mint.token().slice(0, -8)}AAAAAAAA`, 'bad_signature', undefined],
        ]
        for (const [token, reason, clientId] of wanted) {
          expect(await told(token)).toEqual([[type, reason, issuer, clientId]])
        }
      }
    },
  )

  it('is nobody where the token names none of them, whatever it says', async () => {
    const { a, events, guard, told } = await startSeen()
    for (const iss of [`https://${MARKER}.example`, `${a.issuer}/${MARKER}`, [a.issuer, MARKER]]) {
      const token = a.mint.token({ claims: { iss } })
      expect(await told(token)).toEqual([['denied', 'unknown_issuer', undefined, undefined]])
      expect(inspect(events)).not.toContain(MARKER)
    }
    for (const [authorization, reason] of [
      [`Bearer ${MARKER}`, 'malformed_token'],
      [`Bearer ${MARKER}.b.c`, 'malformed_token'],
      ['Bearer', 'malformed_credentials'],
      ['Basic YTpi', 'no_credentials'],
    ] as const) {
      events.length = 0
      await guard(new Request('https://api.example', { headers: { authorization } }))
      expect(events).toMatchObject([{ type: 'denied', reason, issuer: undefined }])
      expect(inspect(events)).not.toContain(MARKER)
    }
  })

  it('is with a token that was remembered and is over by now', async () => {
    const { clock, b, ask, told } = await startSeen()
    const exp = clock.now() / 1000 + 60
    const token = b.mint.token({ claims: { exp } })
    expect([await ask(token), await ask(token)]).toEqual(['allowed', 'allowed'])
    clock.advance(120_000)
    expect(await told(token)).toEqual([['denied', 'expired', b.issuer, 'billing']])
  })

  it('is with an outage, of keys and of questions', async () => {
    const { a, b, told } = await startSeen(
      { introspection: { ...QUESTIONS, prefix: 'aaa_' } },
      { introspection: { ...QUESTIONS, prefix: 'bbb_' } },
    )
    a.keys = undefined
    await b.server.close()
    expect(await told(a.mint.token())).toEqual([
      ['denied', 'keys_unavailable', a.issuer, undefined],
    ])
    expect(await told('aaa_1')).toEqual([['denied', 'inactive', a.issuer, undefined]])
    expect(await told('bbb_1')).toEqual([
      ['denied', 'introspection_unavailable', b.issuer, undefined],
    ])
    expect(await told('ccc_1')).toEqual([['denied', 'malformed_token', undefined, undefined]])
  })

  it('is with what revocation and the binding refuse, or let pass unchecked', async () => {
    const { a, b, told } = await startSeen({ revocation: revocationHook(() => true) }, {})
    expect(await told(a.mint.token())).toEqual([['denied', 'revoked', a.issuer, 'billing']])
    expect(await told(b.mint.token({ claims: { cnf: { jkt: 'x' } } }))).toEqual([
      ['denied', 'binding_unsupported', b.issuer, 'billing'],
    ])
    const broken = revocationHook(() => Promise.reject(new Error('down')), { whenUnknown: 'allow' })
    const other = await startSeen({}, { revocation: broken })
    expect(await other.told(other.b.mint.token())).toEqual([])
    expect(other.events).toContainEqual({
      type: 'unchecked',
      source: 'hook',
      issuer: other.b.issuer,
      clientId: 'billing',
    })
  })

  it('is with a proof that nobody could check for replay', async () => {
    const proofs = proofMint()
    const replay = { reserve: () => Promise.reject(new Error('down')) }
    const { b, guard, events } = await startTwo(
      {},
      {},
      { dpop: { replay, onReplayStoreError: 'allow' } },
    )
    const url = 'https://api.example/orders/1'
    const token = b.mint.token({ claims: { cnf: { jkt: proofs.thumbprint } } })
    const dpop = proofs.proof(url, token, b.mint.now())
    const headers = new Headers({ authorization: `DPoP ${token}`, dpop })
    expect(await guard({ method: 'GET', url, headers })).toMatchObject({ allowed: true })
    expect(events).toContainEqual({
      type: 'replay_unchecked',
      issuer: b.issuer,
      clientId: 'billing',
    })
  })

  it('is a label of the metrics, over a socket, and no stranger makes one', async () => {
    const { meter, measured } = recordingMeter()
    const { a, b, guard } = await startTwo({}, {}, { onEvent: guardMetrics(meter) })
    const api = await startLoopbackServer(guarded(guard, {}, () => new Response('ok')))
    onTestFinished(() => api.close())
    const call = async (token: string): Promise<number> =>
      (await fetch(api.origin, { headers: { authorization: `Bearer ${token}` } })).status
    expect(await call(a.mint.token())).toBe(200)
    expect(await call(b.mint.token())).toBe(200)
    expect(await call(b.mint.token({ claims: { aud: 'other' } }))).toBe(401)
    expect(await call(a.mint.token({ header: { kid: 'stranger' } }))).toBe(401)
    for (let i = 0; i < 20; i++) {
      const iss = `https://${MARKER}-${i}.example`
      expect(await call(a.mint.token({ claims: { iss, client_id: `${MARKER}-${i}` } }))).toBe(401)
    }
    const verdicts = measured
      .filter(([name]) => name === 'countersign.guard.verdicts')
      .map(([, , attributes]) => attributes)
    const outcome = 'countersign.outcome'
    const reason = 'countersign.reason'
    const issuer = 'countersign.issuer'
    const client = { 'oauth.client_id': 'billing' }
    expect(verdicts.slice(0, 4)).toEqual([
      { [outcome]: 'allowed', [issuer]: a.issuer, ...client },
      { [outcome]: 'allowed', [issuer]: b.issuer, ...client },
      { [outcome]: 'denied', [reason]: 'wrong_audience', [issuer]: b.issuer, ...client },
      { [outcome]: 'denied', [reason]: 'unknown_key', [issuer]: a.issuer },
    ])
    for (const strange of verdicts.slice(4)) {
      expect(strange).toEqual({ [outcome]: 'denied', [reason]: 'unknown_issuer' })
    }
    expect(inspect(measured, { depth: 9, maxArrayLength: null })).not.toContain(MARKER)
    const loads = measured.filter(([name]) => name === 'countersign.guard.loads')
    for (const { issuer: one } of [a, b]) {
      expect(loads).toContainEqual([
        'countersign.guard.loads',
        1,
        { [issuer]: one, 'countersign.document': 'keys' },
      ])
    }
  })
})

describe('the issuer that a guard of one tells of', () => {
  it('is that one, with whatever it judged and loaded', async () => {
    const events: GuardEvent[] = []
    const { a } = await startTwo()
    const guard = createGuard({
      issuer: a.issuer,
      audience: 'https://other.example',
      now: a.mint.now,
      onEvent: (event) => events.push(event),
    })
    await guard(bearer(a.mint.token()))
    const { issuer } = a
    expect(events).toEqual([
      { type: 'loaded', document: 'metadata', issuer },
      { type: 'loaded', document: 'keys', issuer },
      { type: 'denied', reason: 'wrong_audience', status: 401, issuer, clientId: 'billing' },
    ])
  })
})
