import { createClient, isTokenError } from '@countersign/client'
import { privateKeyJwt } from '@countersign/client/authentication'
import { dpop } from '@countersign/client/sender-constraint'
import { generateStoreKey, sharedTokens, type TokenStore } from '@countersign/client/sharing'
import { createGuard } from '@countersign/guard'
import { memoryTokenStore } from '@countersign/stores/token-memory'

/** What the suite runs against: servers of the test that started it. */
export interface Surroundings {
  /** The authorization server. */
  readonly issuer: string
  /** Answers `GET /tokens` with how many tokens were asked for so far. */
  readonly counter: string
  /** An API that takes tokens of the issuer, and refuses the first one it is shown. */
  readonly api: string
  readonly clientId: string
  readonly clientSecret: string
  /** Its public half is known at `<api>/assertion/token`. PKCS#8, ES256. */
  readonly privateKey: string
}

/** How one check went. */
export interface CheckResult {
  readonly name: string
  /** Empty where it held. */
  readonly fault: string
}

/** Rejects where a promise is broken. */
export type Check = (around: Surroundings) => Promise<void>

const RESOURCE = 'https://api.example.test/orders'

/** Everything that is promised on every runtime, with nothing but web standards. */
export async function runSuite(
  surroundings: Surroundings,
  besides: Readonly<Record<string, Check>>,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = []
  for (const [name, check] of Object.entries({ ...CHECKS, ...BOUND_CHECKS, ...besides })) {
    try {
      await check(surroundings)
      results.push({ name, fault: '' })
    } catch (error) {
      results.push({ name, fault: String(error) })
    }
  }
  return results
}

const CHECKS: Readonly<Record<string, Check>> = {
  async 'one request serves 200 callers at once'(around) {
    const auth = createClient(options(around))
    const before = await tokensAsked(around)
    const tokens = await Promise.all(Array.from({ length: 200 }, () => auth.getToken()))
    const asked = (await tokensAsked(around)) - before
    // Where requests must not wait for each other, each of the first callers may ask for itself.
    const isolated = globalThis.navigator?.userAgent === 'Cloudflare-Workers'
    equal(isolated || asked === 1, true, `asked ${asked} times`)
    equal(auth.peek()?.value, isolated ? auth.peek()?.value : tokens[0]?.value)
    await auth.getToken()
    equal((await tokensAsked(around)) - before, asked)
  },
  async 'a refused token is replaced once, and the call succeeds'(around) {
    const auth = createClient(options(around))
    const response = await auth.fetch(`${around.api}/refuse-first`, { method: 'POST', body: 'x' })
    equal(response.status, 200)
    equal(await response.text(), 'x')
  },
  async 'a call is not sent to another origin, in clear or without a token'(around) {
    const auth = createClient({ ...options(around), origins: ['https://api.example'] })
    equal(await codeOf(auth.fetch(around.api)), 'ERR_ORIGIN_NOT_ALLOWED')
    const open = createClient(options(around))
    equal(await codeOf(open.fetch('http://api.example/')), 'ERR_INSECURE_URL')
    equal(await codeOf(open.fetch(`${around.api}/away`)), 'ERR_CROSS_ORIGIN_REDIRECT')
  },
  async 'a wrong secret is told, and is in nothing that can be logged'(around) {
    const marker = 'marker-secret-77'
    const auth = createClient({ ...options(around), clientSecret: marker })
    const error: unknown = await auth.getToken().catch((reason: unknown) => reason)
    equal(isTokenError(error) && error.oauth?.error, 'invalid_client')
    const { message = '', stack = '' } = error instanceof Error ? error : {}
    const token = await createClient(options(around)).getToken()
    const texts = [String(error), message, stack, JSON.stringify(error), JSON.stringify(auth)]
    const text = [...texts, ...[error, auth, token].map(inspected)].join('\n')
    equal(text.includes(token.value), false)
    equal(text.includes(marker), false)
    equal(text.includes(btoa(`${around.clientId}:${marker}`)), false)
  },
  async 'a hanging server ends in a typed timeout'(around) {
    const auth = createClient({
      ...options(around),
      timeout: 50,
      fetch: (_, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error))
        }),
    })
    equal(await codeOf(auth.getToken()), 'ERR_TIMEOUT')
  },
  async 'the guard accepts a good token and refuses a changed one'(around) {
    const { value } = await createClient(options(around)).getToken()
    const guard = createGuard({ issuer: around.issuer, audience: RESOURCE })
    const ask = (token: string) =>
      guard(new Request(RESOURCE, { headers: { authorization: `Bearer ${token}` } }), {
        scope: { all: ['orders:read'] },
      })
    const good = await ask(value)
    equal(good.allowed && good.principal.clientId, around.clientId)
    const bad = await ask(`${value.slice(0, -6)}${value.endsWith('AAAAAA') ? 'BBBBBA' : 'AAAAAA'}`)
    equal(!bad.allowed && bad.status, 401)
  },
}

const BOUND_CHECKS: Readonly<Record<string, Check>> = {
  async 'a client proves itself with a private key'({ api, clientId, privateKey }) {
    const auth = createClient({
      tokenEndpoint: `${api}/assertion/token`,
      clientId,
      clientAuthentication: privateKeyJwt({ key: privateKey }),
    })
    equal((await auth.getToken()).value, 'asserted')
  },
  async 'a token bound by DPoP goes with a proof for each call'({ api, clientId, clientSecret }) {
    const auth = createClient({
      tokenEndpoint: `${api}/dpop/token`,
      clientId,
      clientSecret,
      senderConstraint: dpop(),
    })
    equal((await auth.getToken()).type, 'DPoP')
    for (let call = 0; call < 2; call++) {
      const response = await auth.fetch(`${api}/dpop/orders`, { method: 'POST', body: 'x' })
      equal(await response.text(), 'proven')
    }
  },
  async 'two clients share one token through a store, sealed'(around) {
    const store = memoryTokenStore()
    const sealed: string[] = []
    const watched: TokenStore = {
      ...store,
      async replaceIfNewer(key, entry) {
        sealed.push(key, entry.value)
        return store.replaceIfNewer(key, entry)
      },
    }
    const share = sharedTokens({ store: watched, keys: [generateStoreKey()] })
    const first = await createClient({ ...options(around), share }).getToken()
    const second = await createClient({ ...options(around), share }).getToken()
    equal(second.value, first.value)
    equal(sealed.length > 0 && !sealed.join().includes(first.value), true)
  },
}

/** What this runtime's own console would show. Workers have no such function to call. */
function inspected(value: unknown): string {
  const runtime = globalThis as {
    readonly Deno?: { inspect(value: unknown, options: object): string }
    readonly Bun?: { inspect(value: unknown, options: object): string }
    readonly process?: {
      getBuiltinModule?(name: string): { inspect?(value: unknown, options: object): string }
    }
  }
  const util = runtime.process?.getBuiltinModule?.('node:util')
  const inspect = runtime.Deno?.inspect ?? runtime.Bun?.inspect ?? util?.inspect
  return inspect?.(value, { depth: 10, showHidden: true }) ?? ''
}

function options({ issuer, clientId, clientSecret }: Surroundings) {
  return { issuer, clientId, clientSecret, scope: ['orders:read'], resource: RESOURCE }
}

async function tokensAsked({ counter }: Surroundings): Promise<number> {
  const response = await fetch(`${counter}/tokens`)
  return Number(await response.text())
}

async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  const error: unknown = await promise.catch((reason: unknown) => reason)
  return isTokenError(error) ? error.code : `resolved or ${String(error)}`
}

export function equal(found: unknown, expected: unknown, note = ''): void {
  if (found !== expected)
    throw new Error(`expected ${String(expected)}, found ${String(found)} ${note}`)
}
