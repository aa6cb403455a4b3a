import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGuard, EXPOSED_HEADERS, type DpopOptions, type GuardEvent } from '@countersign/guard'
import { guarded } from '@countersign/guard/node'
import { proofMint } from '@countersign/testkit/contracts'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AUDIENCE, startScriptedIssuer } from './scripted-issuer.ts'

const SECRET = 'a nonce secret of 32 bytes or more'
const nonces = { secrets: [SECRET], lifetime: 10_000 }

/** An issuer, a token bound to a key, and instances of an API behind one address. */
async function start(dpop: DpopOptions, count: number) {
  const issuer = await startScriptedIssuer()
  onTestFinished(() => issuer[Symbol.asyncDispose]())
  const { clock, origin } = issuer
  const baseUrl = 'https://api.example/v1'
  const events: GuardEvent[] = []
  async function startInstance(): Promise<string> {
    const guard = createGuard({
      issuer: origin,
      audience: AUDIENCE,
      jwksUri: `${origin}/jwks`,
      now: clock.now,
      dpop: { baseUrl, ...dpop },
      onEvent: (event) => events.push(event),
    })
    const answer = guarded(guard, {}, (_request, response, { principal }) => {
      response.end(principal.clientId)
    })
    const server = createServer((request, response) => {
      response.setHeader('access-control-expose-headers', EXPOSED_HEADERS.join(', '))
      answer(request, response)
    })
    return listen(server)
  }
  const instances = await Promise.all(Array.from({ length: count }, startInstance))
  const key = proofMint()
  const token = issuer.mint.token({ claims: { cnf: { jkt: key.thumbprint } } })
  const proof = (nonce?: string): string =>
    key.proof(`${baseUrl}/orders`, token, clock.now(), {
      claims: nonce === undefined ? {} : { nonce },
    })
  const call = (origin_: string, dpopProof: string): Promise<Response> =>
    fetch(`${origin_}/orders`, { headers: { authorization: `DPoP ${token}`, dpop: dpopProof } })
  return { clock, instances, proof, call, events }
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** How many of 200 identical calls, spread over the instances and made at once, are let through. */
async function allowedOf(
  { instances, call }: Awaited<ReturnType<typeof start>>,
  proof: string,
): Promise<Record<number, number>> {
  const answers = await Promise.all(
    Array.from({ length: 200 }, async (_, at) => {
      const response = await call(instances[at % instances.length] ?? '', proof)
      await response.arrayBuffer()
      return response.status
    }),
  )
  const counts: Record<number, number> = {}
  for (const status of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

describe('a guard behind a proxy that takes a path away, over a socket', () => {
  it('gives the newest nonce with a 200 that used an older one, where scripts can read it [std:224]', async () => {
    const { clock, instances, proof, call } = await start({ nonces }, 1)
    const [origin = ''] = instances
    const first = await call(origin, proof())
    expect([first.status, first.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('error="use_dpop_nonce"'),
    ])
    const nonce = first.headers.get('dpop-nonce') ?? ''
    const newest = await call(origin, proof(nonce))
    expect([newest.status, newest.headers.get('dpop-nonce')]).toEqual([200, null])
    clock.advance(10_000)
    const older = await call(origin, proof(nonce))
    expect(older.status).toBe(200)
    expect(older.headers.get('dpop-nonce')).toMatch(/^[\w-]{43}$/)
    expect(older.headers.get('dpop-nonce')).not.toBe(nonce)
    expect(older.headers.get('cache-control')).toBe('no-store')
    expect(older.headers.get('access-control-expose-headers')).toBe(
      'WWW-Authenticate, DPoP-Nonce, Retry-After',
    )
  })

  it('looks at no iat where a nonce is demanded, and at none without where it is offered', async () => {
    const demanded = await start({ nonces }, 1)
    const [origin = ''] = demanded.instances
    const nonce = (await demanded.call(origin, demanded.proof())).headers.get('dpop-nonce') ?? ''
    // Made two hours ago by the clock of the client, with the nonce of today.
    demanded.clock.advance(-7_200_000)
    const late = demanded.proof(nonce)
    demanded.clock.advance(7_200_000)
    expect((await demanded.call(origin, late)).status).toBe(200)

    const offered = await start({ nonces, nonce: 'optional' }, 1)
    const [other = ''] = offered.instances
    offered.clock.advance(-7_200_000)
    const [old, withNonce] = [offered.proof(), offered.proof(nonce)]
    offered.clock.advance(7_200_000)
    expect((await offered.call(other, old)).status).toBe(401)
    expect((await offered.call(other, withNonce)).status).toBe(200)
    expect((await offered.call(other, offered.proof())).status).toBe(200)
  })
})

describe('the ways to deploy a guard that takes DPoP, over sockets', () => {
  it('one instance with its own memory: 200 identical proofs at once, one is let through [std:220]', async () => {
    const deployment = await start({}, 1)
    expect(await allowedOf(deployment, deployment.proof())).toEqual({ 200: 1, 401: 199 })
  })

  it('several with nonces and a memory each: once at each, and nowhere after two lifetimes of the nonce [std:220]', async () => {
    const deployment = await start({ nonces }, 3)
    const { clock, instances, call, proof } = deployment
    const [first = ''] = instances
    const nonce = (await call(first, proof())).headers.get('dpop-nonce') ?? ''
    const seen = proof(nonce)
    expect(await allowedOf(deployment, seen)).toEqual({ 200: 3, 401: 197 })
    // An instance that has not seen it takes it as long as its nonce lives, and no longer.
    const unused = proof(nonce)
    clock.advance(19_999)
    expect((await call(first, unused)).status).toBe(200)
    clock.advance(1)
    for (const origin of instances) expect((await call(origin, unused)).status).toBe(401)
    const reasons = deployment.events.flatMap((one) => (one.type === 'denied' ? [one.reason] : []))
    expect(reasons.slice(-3)).toEqual(Array(3).fill('dpop_wrong_nonce'))
  })

  it('several with a memory each and no nonces: once at each, for as long as the proof counts [field:69]', async () => {
    const deployment = await start({}, 3)
    expect(await allowedOf(deployment, deployment.proof())).toEqual({ 200: 3, 401: 197 })
  })
})
