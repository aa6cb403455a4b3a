// A Worker: runs the suite on one path, and on another answers with the token of a client that stands
// at the top of the module, for requests that overlap.
import { createClient, type Client } from '@countersign/client'
import { runSuite, type Surroundings } from './suite.ts'

let shared: Client | undefined

const worker = {
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    const surroundings = (await request.json()) as Surroundings
    if (pathname === '/suite') return Response.json(await runSuite(surroundings))
    const { issuer, clientId, clientSecret } = surroundings
    shared ??= createClient({ issuer, clientId, clientSecret })
    return new Response((await shared.getToken()).value)
  },
}

// Module scope is where Workers forbid timers, randomness and the like.
createClient({ issuer: 'https://as.example', clientId: 'idle', clientSecret: 'idle' })

export { worker as default }
