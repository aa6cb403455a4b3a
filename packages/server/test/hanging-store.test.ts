import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ServerStore } from '@countersign/server'
import { memoryStore, startAuthorizationServer } from '@countersign/testkit'
import { STORE_DEADLINE } from '../src/lib/stores/within.ts'
import { postForm } from './post-form.ts'
import { postToken } from './post-token.ts'

const resources = [{ resource: 'urn:api', scopes: ['read'], tokenFormat: 'opaque' }] as const

/** A store whose calls, those of one name, never end once it is told so. */
function hangingStore() {
  const inner = memoryStore()
  const state = { hangs: '', asked: 0 }
  const { promise: never } = Promise.withResolvers<never>()
  const hang = async <T>(name: string, call: () => Promise<T> | T): Promise<T> => {
    if (state.hangs !== name) return await call()
    state.asked++
    return never
  }
  const { registry, opaqueTokens } = inner
  const store: ServerStore = {
    ...inner,
    registry: {
      ...registry,
      apply: (changes) => hang('apply', () => registry.apply(changes)),
    },
    opaqueTokens: {
      ...opaqueTokens,
      put: (record) => hang('put', () => opaqueTokens.put(record)),
      get: (digest) => hang('get', () => opaqueTokens.get(digest)),
    },
  }
  return { store, state }
}

describe('a store that never answers', () => {
  afterEach(() => vi.useRealTimers())

  it.each([
    ['put', 'token'],
    ['get', 'introspect'],
    ['apply', 'revoke'],
  ])('in %s is answered for with 503 at %s', async (name, path) => {
    const { store, state } = hangingStore()
    await using running = await startAuthorizationServer({ store, resources })
    const { tokenEndpoint, issuer, client } = running
    const { json } = await postToken(tokenEndpoint, { basic: client })
    state.hangs = name
    // Only what is set from here on is faked: sockets have no timer that ends within the deadline.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const asked =
      path === 'token'
        ? postToken(tokenEndpoint, { basic: client })
        : postForm(`${issuer}/${path}`, {
            basic: client,
            form: { token: String(json['access_token']) },
          })
    while (state.asked === 0) await new Promise((resolve) => setImmediate(resolve))
    vi.advanceTimersByTime(STORE_DEADLINE)
    const answer = await asked
    expect([answer.status, answer.json['error']]).toEqual([503, 'temporarily_unavailable'])
    vi.useRealTimers()
    state.hangs = ''
  })
})
