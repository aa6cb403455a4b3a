// A Worker: runs the suite on one path, and on others answers with a client and a guard that stand at the
// top of the module, for requests that overlap.
import { waitUntil } from 'cloudflare:workers'
import { createClient, type Client } from '@countersign/client'
import { createGuard, type Guard } from '@countersign/guard'
import { scopeUsage, type ScopeUsage } from '@countersign/guard/usage'
import { GUARD_CHECKS } from './guard-suite.ts'
import { REVOCATION_CHECKS } from './revocation-suite.ts'
import { USAGE_CHECKS } from './usage-suite.ts'
import { SIGNATURE_CHECKS } from './signature-suite.ts'
import { runSuite, type Surroundings } from './suite.ts'

/** What a guard of this Worker is asked. */
export interface GuardCall {
  readonly issuer: string
  readonly audience: string
  readonly jwksUri: string
  /** Where it asks about opaque tokens. */
  readonly endpoint: string
  readonly token: string
  /** What its clock shows. */
  readonly now: number
  /** Whether the platform is told to let loads end. */
  readonly handsOver: boolean
}

let shared: Client | undefined
let now = 0
const guards = new Map<string, Guard>()

/** One guard for each address of keys, for all requests. */
function guardFor({ issuer, audience, jwksUri, endpoint, handsOver }: GuardCall): Guard {
  const guard =
    guards.get(jwksUri) ??
    createGuard({
      issuer,
      audience,
      jwksUri,
      introspection: { endpoint, clientId: 'orders-api', clientSecret: 'secret' },
      now: () => now,
      ...(handsOver && { waitUntil }),
    })
  guards.set(jwksUri, guard)
  return guard
}

/** What a Worker that counts is asked. */
export interface UsageCall extends GuardCall {
  /** Where its reports go. */
  readonly reports: string
}

const told: string[] = []
let usage: ScopeUsage | undefined
let counting: Guard | undefined

/** One for the isolate, as a Worker would have it. */
function usageOf({ issuer, audience, reports }: UsageCall): ScopeUsage {
  return (usage ??= scopeUsage({
    issuer,
    endpoint: reports,
    resource: audience,
    now: () => now,
    interval: 60_000,
    clientId: 'orders-api',
    clientSecret: 'secret',
    onEvent: ({ type }) => told.push(type),
    waitUntil,
  }))
}

/** Gives the verdict, and what is still waiting to be reported. */
async function callCounting(call: UsageCall): Promise<Response> {
  ;({ now } = call)
  const { issuer, audience, jwksUri, token } = call
  const uses = usageOf(call)
  counting ??= createGuard({
    issuer,
    audience,
    jwksUri,
    now: () => now,
    waitUntil,
    onEvent: uses.record,
  })
  const headers = new Headers({ authorization: `Bearer ${token}` })
  const rule = { scope: { all: ['orders:read'] } } as const
  const { allowed } = await counting({ method: 'GET', url: audience, headers }, rule)
  return Response.json({ allowed, waiting: uses.waiting, told })
}

async function callGuard(call: GuardCall): Promise<Response> {
  ;({ now } = call)
  const headers = new Headers({ authorization: `Bearer ${call.token}` })
  const verdict = await guardFor(call)({ method: 'GET', url: call.audience, headers })
  return new Response(verdict.allowed ? 'allowed' : `${verdict.status} ${verdict.reason}`)
}

const CHECKS = { ...GUARD_CHECKS, ...REVOCATION_CHECKS, ...SIGNATURE_CHECKS, ...USAGE_CHECKS }

const worker = {
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    if (pathname === '/guard') return callGuard(await request.json())
    if (pathname === '/guard/left') {
      // Begins a load and is gone before it ends.
      void callGuard(await request.json())
      return new Response('left')
    }
    if (pathname === '/usage') return callCounting(await request.json())
    if (pathname === '/usage/left') {
      // Begins to send and is gone before that ends.
      void usageOf(await request.json()).flush()
      return Response.json('left')
    }
    if (pathname === '/usage/flush') {
      return Response.json({ sent: await usageOf(await request.json()).flush(), told })
    }
    const surroundings = (await request.json()) as Surroundings
    if (pathname === '/suite') return Response.json(await runSuite(surroundings, CHECKS))
    const { issuer, clientId, clientSecret } = surroundings
    shared ??= createClient({ issuer, clientId, clientSecret })
    return new Response((await shared.getToken()).value)
  },
}

// Module scope is where Workers forbid timers, randomness and the like.
createClient({ issuer: 'https://as.example', clientId: 'idle', clientSecret: 'idle' })
createGuard({ issuer: 'https://as.example', audience: 'https://api.example' })
scopeUsage({
  issuer: 'https://as.example',
  resource: 'https://api.example',
  clientId: 'idle',
  clientSecret: 'idle',
  waitUntil,
})

export { worker as default }
