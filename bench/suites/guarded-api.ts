import { coresText } from '../lib/cores.ts'
import { atLeast, atMost, type Goal } from '../lib/goals.ts'
import { LOAD_TOOL } from '../lib/load.ts'
import type { Suite, SuiteResult } from '../lib/report.ts'
import {
  figuresOf,
  measureServers,
  type ServerContestant,
  type ServerMeasurement,
} from '../lib/server-rounds.ts'

/** An API behind the guard, beside the same one that checks nothing, or by hand, and other guards. */
export const guardedApi: Suite = {
  name: 'guarded-api',
  async run(quick) {
    const results: SuiteResult[] = []
    for (const { title, contestants, goals } of COMPARISONS) {
      const servers = await measureServers(contestants, {
        rounds: quick ? 3 : 9,
        seconds: quick ? 1 : 3,
        connections: 32,
      })
      results.push({
        title,
        conditions: `RS256, 32 keep-alive connections by ${LOAD_TOOL}; ${coresText()}`,
        measurements: [],
        servers,
        goals: goals(servers),
      })
    }
    return results
  },
}

interface Comparison {
  readonly title: string
  readonly contestants: readonly ServerContestant[]
  readonly goals: (servers: readonly ServerMeasurement[]) => readonly Goal[]
}

/** The share of the rate, and the same in CPU, which other work on the machine disturbs least. */
function shareOfFloor(servers: readonly ServerMeasurement[], least: number): readonly Goal[] {
  const { rateRatio, cpuRatio } = figuresOf(servers, 'ours')
  return [
    atLeast("rate over the floor's", rateRatio, least),
    atMost("CPU over the floor's", cpuRatio, Math.round(100 / least) / 100),
  ]
}

const COMPARISONS: readonly Comparison[] = [
  seenOn('node'),
  seenOn('fastify', '@fastify/jwt, cache'),
  {
    ...seenOn('express', 'express-oauth2-jwt-bearer'),
    goals: (servers) => {
      const [ours, peer] = [figuresOf(servers, 'ours'), figuresOf(servers, 'peer')]
      const times = ours.answersPerSecond / peer.answersPerSecond
      return [
        ...shareOfFloor(servers, 0.9),
        atLeast("rate over express-oauth2-jwt-bearer's", times, 2),
      ]
    },
  },
  seenOn('hono'),
  {
    title: 'An API on node:http, 1,000 tokens none of which is remembered',
    contestants: [
      server('checked by hand: decoding, signature, five claims', 'floor', 'node', 'bare'),
      server('@countersign/guard', 'ours', 'node', 'ours-unseen'),
    ],
    goals: (servers) => shareOfFloor(servers, 0.93),
  },
]

function seenOn(stack: string, peer?: string): Comparison {
  return {
    title: `An API on ${stack === 'node' ? 'node:http' : stack}, 50 tokens that come again and again`,
    contestants: [
      server('no check', 'floor', stack, 'nobody'),
      server('@countersign/guard', 'ours', stack, 'ours'),
      ...(peer === undefined ? [] : [server(peer, 'peer', stack, 'peer')]),
    ],
    goals: (servers) => shareOfFloor(servers, 0.9),
  }
}

function server(
  name: string,
  role: ServerContestant['role'],
  stack: string,
  check: string,
): ServerContestant {
  return { name, role, script: 'orders-api.ts', args: [stack, check] }
}
