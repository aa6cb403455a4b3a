import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { startLoopbackServer } from '@countersign/testkit'
import { tokenMint, type TokenMint } from '@countersign/testkit/contracts'
import { startChildServer } from '../lib/child-server.ts'
import { atMost } from '../lib/goals.ts'
import { pacedLoad } from '../lib/paced-load.ts'
import type { Suite } from '../lib/report.ts'
import { median, pairedRatio, quantile, summarize } from '../lib/rounds.ts'

const ISSUER = 'https://as.example'
const AUDIENCE = 'https://api.example/orders'
const FLOOD = { perSecond: 5000, connections: 8 }
const GOOD = { perSecond: 200, connections: 4 }
/** What ten seconds of unknown keys may cost: the burst of the budget. */
const LOADS = 3
/** Seconds in which the budget earns one more load. */
const EARNED_EACH = 20

/** 5,000 unknown keys a second at an API in real time, with a rotation in the midst. */
export const keyFlood: Suite = {
  name: 'key-flood',
  async run(quick) {
    const seconds = quick ? 4 : 10
    const rounds = quick ? 1 : 5
    const taken = PHASES.map((): number[] => [])
    const cpu = PHASES.map((): number[] => [])
    const loads: number[] = []
    const waits: number[] = []
    for (let round = 0; round <= rounds; round++) {
      for (const [index, phase] of PHASES.entries()) {
        const found = await runPhase(phase, seconds, round === rounds)
        // The first round warms up.
        if (round > 0) taken[index]?.push(found.p99 * 1e6)
        if (round > 0) cpu[index]?.push(found.cpuMicroseconds / (FLOOD.perSecond * seconds))
        if (phase.flood !== 'unknown keys') continue
        loads.push(found.loads)
        if (found.takenUpAfter !== undefined) waits.push(found.takenUpAfter)
      }
    }
    const [quiet = [], anonymous = [], flooded = []] = taken
    const [idle = NaN, empty = NaN, unknown = NaN] = cpu.map(median)
    const costs = `CPU of the server for an unknown key ${(unknown - idle).toFixed(0)} us, for a request without a token ${(empty - idle).toFixed(0)} us`
    return [
      {
        title: `p99 of ${GOOD.perSecond} good tokens a second, ${FLOOD.perSecond} unknown keys a second besides`,
        conditions: `node:http in a process of its own, ${seconds} s each, ${rounds} rounds; a rotation in the midst was taken up after ${median(waits).toFixed(1)} s of it; ${costs}`,
        measurements: summarize(PHASES, taken),
        goals: [
          atMost(`loads of keys in ${seconds} s of flood`, Math.max(...loads), LOADS),
          atMost('p99 of good tokens over that without a flood', pairedRatio(flooded, quiet), 2),
          atMost(
            'p99 of good tokens over that under as many requests without a token',
            pairedRatio(flooded, anonymous),
            2,
          ),
          atMost('seconds until a rotation is taken up', Math.max(...waits), EARNED_EACH + 1),
        ],
      },
    ]
  },
}

interface Phase {
  readonly name: string
  readonly role: 'floor' | 'peer' | 'ours'
  readonly flood: 'none' | 'no token' | 'unknown keys'
}

const PHASES: readonly Phase[] = [
  { name: 'no flood', role: 'floor', flood: 'none' },
  { name: 'as many requests without a token', role: 'peer', flood: 'no token' },
  { name: 'unknown keys', role: 'ours', flood: 'unknown keys' },
]

interface Found {
  /** Milliseconds. */
  readonly p99: number
  /** Of the server, while the good tokens came. */
  readonly cpuMicroseconds: number
  readonly loads: number
  /** Seconds from a rotation until its tokens pass, while the flood goes on. */
  readonly takenUpAfter: number | undefined
}

async function runPhase({ flood }: Phase, seconds: number, rotates: boolean): Promise<Found> {
  const [mint, next] = ['first', 'next'].map((kid) =>
    tokenMint({ issuer: ISSUER, audience: AUDIENCE, now: Date.now, kid }),
  ) as [TokenMint, TokenMint]
  let keys = [mint.jwk]
  await using issuer = await startLoopbackServer(() => Response.json({ keys }))
  await using api = await startChildServer('guarded-api.ts', {
    args: [ISSUER, AUDIENCE, `${issuer.origin}/jwks`],
    pin: true,
  })
  const { port } = api.ready
  const good = request(mint.token())
  await warmUp(port, mint)
  // Two guards have loaded at their start, and one is for warming up.
  const loadsOf = (): number =>
    issuer.requests.filter(({ path }) => !path.includes('?warm-up')).length - 1
  await using strangers =
    flood === 'none' ? undefined : await pacedLoad(port, requestsOf(flood, mint), FLOOD)
  const before = await api.usage()
  const callers = await pacedLoad(port, () => good, GOOD)
  await delay(seconds * 1000)
  await callers[Symbol.asyncDispose]()
  const cpuMicroseconds = (await api.usage()).cpuMicroseconds - before.cpuMicroseconds
  const loads = loadsOf()
  assertAnswers(callers.answers, '200', GOOD.perSecond * seconds)
  if (strangers !== undefined) assertAnswers(strangers.answers, '401', FLOOD.perSecond * seconds)
  const p99 = quantile(callers.latencies, 0.99)
  if (flood !== 'unknown keys' || !rotates)
    return { p99, cpuMicroseconds, loads, takenUpAfter: undefined }
  const rotatedAt = performance.now()
  keys = [mint.jwk, next.jwk]
  while (performance.now() - rotatedAt < 2 * EARNED_EACH * 1000) {
    const headers = { authorization: `Bearer ${next.token()}` }
    const response = await fetch(`http://127.0.0.1:${port}/orders`, { headers })
    await response.body?.cancel()
    if (response.status === 200) break
    await delay(250)
  }
  return { p99, cpuMicroseconds, loads, takenUpAfter: (performance.now() - rotatedAt) / 1000 }
}

/** A process that has just started is slow in ways of its own, on the way of unknown keys too. */
async function warmUp(port: number, mint: TokenMint): Promise<void> {
  const path = '/warm-up'
  const refused = request(mint.token({ header: { alg: 'HS256' } }), path)
  const good = request(mint.token(), path)
  const loads = [
    await pacedLoad(port, () => refused, FLOOD),
    await pacedLoad(port, requestsOf('unknown keys', mint, path), FLOOD),
    await pacedLoad(port, () => good, GOOD),
  ]
  await delay(2000)
  for (const load of loads) await load[Symbol.asyncDispose]()
}

/** Whatever the machine does, all who were answered were answered rightly, and most were. */
function assertAnswers(answers: ReadonlyMap<string, number>, status: string, due: number): void {
  const right = answers.get(status) ?? 0
  if (answers.size !== 1 || right < due / 2) {
    throw new Error(`${JSON.stringify([...answers])} in place of ${due} times ${status}`)
  }
}

function requestsOf(flood: Phase['flood'], mint: TokenMint, path = '/orders'): () => string {
  if (flood === 'no token') return () => request(undefined, path)
  const rest = mint.token().slice(mint.token().indexOf('.'))
  return () => {
    const header = JSON.stringify({ typ: 'at+jwt', alg: mint.algorithm, kid: randomUUID() })
    return request(Buffer.from(header).toString('base64url') + rest, path)
  }
}

function request(token: string | undefined, path = '/orders'): string {
  const authorization = token === undefined ? '' : `authorization: Bearer ${token}\r\n`
  return `GET ${path} HTTP/1.1\r\nhost: api.example\r\n${authorization}\r\n`
}
