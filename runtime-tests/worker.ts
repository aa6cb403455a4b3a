// A Worker: runs the suite on one path, and on others answers with a client and a guard that stand at the
// top of the module, for requests that overlap.
import { waitUntil } from 'cloudflare:workers'
import { createClient, type Client } from '@countersign/client'
import { createGuard, type Guard } from '@countersign/guard'
import { GUARD_CHECKS } from './guard-suite.ts'
import { REVOCATION_CHECKS } from './revocation-suite.ts'
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

async function callGuard(call: GuardCall): Promise<Response> {
  ;({ now } = call)
  const headers = new Headers({ authorization: `Bearer ${call.token}` })
  const verdict = await guardFor(call)({ method: 'GET', url: call.audience, headers })
  return new Response(verdict.allowed ? 'allowed' : `${verdict.status} ${verdict.reason}`)
}

const CHECKS = { ...GUARD_CHECKS, ...REVOCATION_CHECKS, ...SIGNATURE_CHECKS }

const worker = {
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    if (pathname === '/guard') return callGuard(await request.json())
    if (pathname === '/guard/left') {
      // Begins a load and is gone before it ends.
      void callGuard(await request.json())
      return new Response('left')
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

export { worker as default }
