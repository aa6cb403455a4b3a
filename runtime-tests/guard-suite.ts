import {
  createGuard,
  generateStoreKey,
  type Guard,
  type GuardEvent,
  type GuardOptions,
  type GuardRequest,
} from '@countersign/guard'
import { memoryTokenStore } from '@countersign/stores/token-memory'
import type { GuardVector, GuardVectors } from './guard-vectors.ts'
import { equal, type Check, type Surroundings } from './suite.ts'

/** What the guard promises on every runtime. */
export const GUARD_CHECKS: Readonly<Record<string, Check>> = {
  async 'good tokens of every algorithm pass'(around) {
    const vectors = await vectorsOf(around)
    const algorithms = Object.keys(vectors.tokens) as (keyof typeof vectors.tokens)[]
    const guard = guardOf(vectors, { jwks: vectors.jwks, algorithms })
    for (const algorithm of algorithms) {
      const verdict = await ask(guard, vectors, vectors.tokens[algorithm])
      const known = !algorithm.startsWith('ML-DSA') || (await hasMlDsa())
      equal(verdict, known ? 'allowed' : '401 unknown_key', algorithm)
    }
  },
  async 'hostile requests get the verdicts that are owed'(around) {
    const vectors = await vectorsOf(around)
    equal(vectors.hostile.length > 150, true)
    await tryAll(guardOf(vectors, { jwksUri: keysAt(around, 'all') }), vectors.hostile)
  },
  async 'hostile proofs get the verdicts that are owed'(around) {
    const vectors = await vectorsOf(around)
    equal(vectors.proofs.length > 30, true)
    const guard = guardOf(vectors, { jwksUri: keysAt(around, 'all'), dpop: {} })
    await tryAll(guard, vectors.proofs)
  },
  async 'a certificate in the header of a proxy proves its token, and no other'(around) {
    const vectors = await vectorsOf(around)
    const { token, foreign, header } = vectors.certificate
    const guard = guardOf(vectors, {
      jwks: vectors.jwks,
      certificates: { format: 'rfc9440', trustedProxies: ['10.0.0.0/8'] },
    })
    const sent = (value: string, remoteAddress: string): Promise<string> =>
      outcome(guard, {
        method: 'GET',
        url: vectors.audience,
        headers: new Headers({ authorization: `Bearer ${value}`, 'client-cert': header }),
        socket: { remoteAddress },
      })
    equal(await sent(token, '10.1.2.3'), 'allowed')
    equal(await sent(foreign, '10.1.2.3'), '401 certificate_mismatch')
    equal(await sent(token, '192.0.2.1'), '400 certificate_untrusted_proxy')
    equal(await ask(guard, vectors, token), '401 certificate_missing')
  },
  async 'an opaque token is asked about, and an outage is no bad token'(around) {
    const vectors = await vectorsOf(around)
    const guard = guardOf(vectors, {
      jwks: vectors.jwks,
      introspection: {
        endpoint: `${around.api}/guard/introspect`,
        clientId: 'orders-api',
        clientSecret: 'secret',
      },
    })
    const asked = await Promise.all(
      Array.from({ length: 20 }, () => ask(guard, vectors, 'opaque-active')),
    )
    equal([...new Set(asked)].join(), 'allowed')
    equal(await ask(guard, vectors, 'opaque-ended'), '401 inactive')
    equal(await ask(guard, vectors, 'opaque-broken'), '503 introspection_unavailable')
    equal(await ask(guard, vectors, 'opaque-active'), 'allowed')
  },
  async 'two instances share one answer through a store, sealed'(around) {
    const vectors = await vectorsOf(around)
    const store = memoryTokenStore()
    const sealed: string[] = []
    const writes: Promise<unknown>[] = []
    const shared = {
      store: {
        ...store,
        async replaceIfNewer(key: string, entry: Parameters<typeof store.replaceIfNewer>[1]) {
          sealed.push(key, entry.value)
          return store.replaceIfNewer(key, entry)
        },
      },
      keys: [generateStoreKey()],
      timeout: 5000,
    }
    const events: GuardEvent[] = []
    const instance = (): Guard =>
      guardOf(vectors, {
        jwks: vectors.jwks,
        introspection: {
          endpoint: `${around.api}/guard/introspect`,
          clientId: 'orders-api',
          clientSecret: 'secret',
          shared,
        },
        waitUntil: (work) => void writes.push(work),
        onEvent: (event) => void events.push(event),
      })
    equal(await ask(instance(), vectors, 'opaque-active'), 'allowed')
    await Promise.all(writes)
    equal(await ask(instance(), vectors, 'opaque-active'), 'allowed')
    const told = events.map(({ type }) => type).filter((type) => type !== 'allowed')
    equal(told.join(), 'introspected,answer_shared')
    equal(sealed.length, 2)
    equal(/opaque|billing/.test(sealed.join()), false)
  },
  async 'one load of the keys serves 200 callers at once, and one a rotation'(around) {
    const vectors = await vectorsOf(around)
    const jwksUri = keysAt(around, crypto.randomUUID())
    const guard = guardOf(vectors, { jwksUri })
    const burst = (token: string): Promise<string> =>
      Promise.all(Array.from({ length: 200 }, () => ask(guard, vectors, token))).then((all) =>
        [...new Set(all)].join(),
      )
    equal(await burst(vectors.tokens.ES256), 'allowed')
    equal(await loadsOf(jwksUri), 1)
    // The first answer has the first key alone.
    equal(await burst(vectors.tokens.RS256), 'allowed')
    equal(await loadsOf(jwksUri), 2)
  },
  async 'a flood of unknown keys costs three loads, and good tokens go on'(around) {
    const vectors = await vectorsOf(around)
    const jwksUri = keysAt(around, crypto.randomUUID())
    const guard = guardOf(vectors, { jwksUri })
    await guard.ready()
    const rest = vectors.tokens.ES256.slice(vectors.tokens.ES256.indexOf('.'))
    for (let wave = 0; wave < 5; wave++) {
      const verdicts = await Promise.all(
        Array.from({ length: 100 }, () => {
          const kid = crypto.randomUUID()
          const header = btoa(JSON.stringify({ typ: 'at+jwt', alg: 'ES256', kid }))
          return ask(guard, vectors, header.replaceAll('=', '') + rest)
        }),
      )
      equal([...new Set(verdicts)].join(), '401 unknown_key')
      equal(await ask(guard, vectors, vectors.tokens.ES256), 'allowed')
    }
    equal(await loadsOf(jwksUri), 4)
  },
  async 'an issuer that is down is 503 and not 401'(around) {
    const vectors = await vectorsOf(around)
    const guard = guardOf(vectors, { jwksUri: `${around.api}/guard/down` })
    equal(await ask(guard, vectors, vectors.tokens.ES256), '503 keys_unavailable')
  },
}

/** The vectors that the servers of the test have for this run. */
export async function vectorsOf({ api }: Surroundings): Promise<GuardVectors> {
  return (await (await fetch(`${api}/guard/vectors`)).json()) as GuardVectors
}

/** A set of keys that counts who asks for it. With another name than `all` its first answer has one key. */
export function keysAt({ api }: Surroundings, name: string): string {
  return `${api}/guard/keys/${name}`
}

/** Takes reports of used scopes. Asked for by `GET` it tells what they have said: client, scope, calls. */
export function reportsAt({ api }: Surroundings, name: string): string {
  return `${api}/guard/usage/${name}`
}

function guardOf({ issuer, audience, now }: GuardVectors, options: Partial<GuardOptions>): Guard {
  return createGuard({ issuer, audience, now: () => now, ...options })
}

function ask(guard: Guard, { audience }: GuardVectors, token: string): Promise<string> {
  const headers = new Headers({ authorization: `Bearer ${token}` })
  return outcome(guard, { method: 'GET', url: audience, headers })
}

async function outcome(guard: Guard, request: GuardRequest): Promise<string> {
  const verdict = await guard(request, { scope: { all: ['orders:read'] } })
  return verdict.allowed ? 'allowed' : `${verdict.status} ${verdict.reason}`
}

async function tryAll(guard: Guard, vectors: readonly GuardVector[]): Promise<void> {
  const wrong: string[] = []
  for (const { name, method, url, headers: fields, times, owed } of vectors) {
    const headers = new Headers()
    for (const [field, value] of fields) headers.append(field, value)
    let given = ''
    for (let sent = 0; sent < times; sent++) given = await outcome(guard, { method, url, headers })
    if (given !== owed) wrong.push(`${name}: ${given}, owed ${owed}`)
  }
  equal(wrong.join('; '), '')
}

async function loadsOf(jwksUri: string): Promise<number> {
  return Number(await (await fetch(`${jwksUri}/loads`)).text())
}

/** Whether this runtime can check ML-DSA at all, by itself. */
export async function hasMlDsa(): Promise<boolean> {
  const runtime = globalThis as {
    readonly process?: {
      getBuiltinModule?(name: string): { generateKeyPairSync?(type: string): unknown } | undefined
    }
  }
  try {
    const node = runtime.process?.getBuiltinModule?.('node:crypto')
    if (node?.generateKeyPairSync !== undefined) node.generateKeyPairSync('ml-dsa-44')
    else await crypto.subtle.generateKey({ name: 'ML-DSA-44' }, false, ['sign', 'verify'])
    return true
  } catch {
    return false
  }
}
