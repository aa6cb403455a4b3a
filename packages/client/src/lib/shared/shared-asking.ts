import { MAX_SEALED, type StoreKey } from '@countersign/protocol'
import type { AccessToken } from '../access-token.ts'
import { tell } from '../events.ts'
import type { AskedToken } from '../grants/token-variation.ts'
import { waitFor } from '../reuse/wait-for.ts'
import type { TokenRequest, TokenSource } from '../token-source.ts'
import { openToken, sealToken } from './sealed-token.ts'
import type { SharingSettings } from './sharing-options.ts'
import { StoreError, storeFailure, type StoreOperation } from './store-error.ts'
import { cacheKey, type TokenOwner } from './token-cache-key.ts'
import {
  assertShareable,
  attachedToken,
  freshness,
  keepingOf,
  type TokenAttachments,
} from './stored-token.ts'
import type { TokenLease } from './token-store.ts'

/** {@link SharingSettings}, and whose tokens are shared. */
export interface SharedAskingSettings extends SharingSettings, TokenAttachments {
  /** Whose token a request asks for, and what it is to be. Throws `ArgumentError` for a wrong one. */
  readonly identify: (
    request: TokenRequest,
  ) => Promise<{ readonly owner: TokenOwner; readonly asked: AskedToken }>
}

/** The source behind {@link shared}, for settings that have been checked. */
export function sharedAsking(source: TokenSource, settings: SharedAskingSettings): TokenSource {
  const { store, leaseTime, now } = settings

  function failed(operation: StoreOperation, reason: unknown): void {
    const error = storeFailure(operation, reason)
    tell(settings.onEvent, { type: 'store.failed', operation: error.operation, error })
  }

  /** What the store holds for the names, the current one first. */
  async function look(names: readonly Name[], request: TokenRequest): Promise<Seen> {
    let seen: Seen = {}
    for (const [index, name] of names.entries()) {
      const text = await store.get(name.cacheKey, request.signal)
      if (text === undefined) continue
      if (index === 0) seen = { replacing: text }
      const token = await read(name, text)
      if (token === undefined) continue
      // What stands under former names is older still, and may have been refused before.
      if (token.value === request.rejected?.value) return seen
      const state = freshness(token, now())
      if (state === 'over') continue
      if (state === 'fresh' || request.background !== true) return { ...seen, token, due: false }
      // A process that is a step behind or ahead in a rotation may have renewed it.
      seen = { ...seen, token: seen.token ?? token, due: true }
    }
    return seen
  }

  async function read(
    { key, cacheKey: name }: Name,
    text: string,
  ): Promise<AccessToken | undefined> {
    try {
      const opened = await openToken([key], text, name)
      if (opened.ok) return attachedToken(opened.value, settings, now())
      const message = `the stored token ${opened.reason}`
      failed('get', new StoreError('ERR_STORE_ENTRY', message, { operation: 'get' }))
    } catch (error) {
      failed('get', error)
    }
    return undefined
  }

  /** A token out of the store, or the place from which to ask for one. */
  async function find(names: readonly Name[], request: TokenRequest): Promise<Found> {
    const [{ cacheKey: name }] = names as [Name]
    const patience = performance.now() + 2 * leaseTime
    for (let round = 0; ; round++) {
      const seen = await look(names, request)
      if (seen.token !== undefined && seen.due !== true) return { token: seen.token }
      const lease = await store.lease(name, leaseTime, request.signal)
      if (lease !== undefined) return lookAgain(names, request, lease)
      // Somebody else renews it, and it serves until then.
      if (seen.token !== undefined) return { token: seen.token }
      if (performance.now() >= patience) return { seen }
      await waitFor(pause(round), request.signal)
    }
  }

  /** Between the look and the lease another process may have come and gone. */
  async function lookAgain(
    names: readonly Name[],
    request: TokenRequest,
    lease: TokenLease,
  ): Promise<Found> {
    try {
      const seen = await look(names, request)
      if (seen.token === undefined || seen.due === true) return { seen, lease }
      await release(lease)
      return { token: seen.token }
    } catch (error) {
      void release(lease)
      throw error
    }
  }

  async function release(lease: TokenLease | undefined): Promise<void> {
    if (lease === undefined) return
    const resting = store.isResting()
    const released = store.release(lease).catch((error: unknown) => {
      if (!resting) failed('release', error)
    })
    if (!resting) await released
  }

  async function ask(
    name: Name,
    request: TokenRequest,
    { seen: { replacing, token: former }, lease }: Place,
  ): Promise<AccessToken> {
    let token: AccessToken
    try {
      token = await source(request)
    } catch (error) {
      if (!outlivesLease(former)) await release(lease)
      throw error
    }
    await keep(name, token, replacing)
    if (token.value !== former?.value || !outlivesLease(former)) await release(lease)
    return token
  }

  async function keep(
    { key, cacheKey: name }: Name,
    token: AccessToken,
    replacing: string | undefined,
  ): Promise<void> {
    const time = now()
    const keeping = keepingOf(token, time)
    if (keeping === undefined || store.isResting()) return
    try {
      assertShareable(token, settings)
      const value = await sealToken(key, token, { cacheKey: name, writtenAt: time })
      if (value.length > MAX_SEALED) {
        const message = 'the token is too long to be shared'
        throw new StoreError('ERR_STORE_ENTRY', message, { operation: 'replace' })
      }
      await store.replaceIfNewer(name, { value, ...keeping, replacing })
    } catch (error) {
      failed('replace', error)
    }
  }

  /**
   * Whether a former token serves everybody until the lease has ended by itself. Then the lease is
   * not given back after a renewal that brought nothing: the fleet waits before the next one.
   */
  function outlivesLease(former: AccessToken | undefined): boolean {
    return former !== undefined && freshness(former, now() + leaseTime) !== 'over'
  }

  return async (request = {}) => {
    const { signal } = request
    if (signal?.aborted === true) throw signal.reason as Error
    if (store.isResting()) return source(request)
    let names: readonly [Name, ...Name[]]
    let found: Found
    try {
      names = await namesOf(settings, request)
      const started = performance.now()
      found = await find(names, request)
      if (found.token !== undefined) {
        const waited = performance.now() - started
        tell(settings.onEvent, { type: 'token.shared', expiresAt: found.token.expiresAt, waited })
        return found.token
      }
    } catch (error) {
      if (hasLeft(signal)) throw error
      failed('key', error)
      return source(request)
    }
    return ask(names[0], request, found)
  }
}

function hasLeft(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

/** One name of a token in the store, and the key of the ring that makes it. */
interface Name {
  readonly key: StoreKey
  readonly cacheKey: string
}

interface Seen {
  /** What stands under the current name. */
  readonly replacing?: string | undefined
  readonly token?: AccessToken
  /** Whether this request is there to renew it. */
  readonly due?: boolean
}

interface Place {
  readonly token?: undefined
  readonly seen: Seen
  readonly lease?: TokenLease
}

type Found = Place | { readonly token: AccessToken }

async function namesOf(
  { ring, identify }: SharedAskingSettings,
  request: TokenRequest,
): Promise<readonly [Name, ...Name[]]> {
  const { owner, asked } = await identify(request)
  const keys = await ring()
  const names = keys.map(async (key) => ({ key, cacheKey: await cacheKey(key, owner, asked) }))
  return (await Promise.all(names)) as [Name, ...Name[]]
}

const FIRST_PAUSE = 20
const LONGEST_PAUSE = 250

/** Longer from round to round, and never the same for two processes. */
function pause(round: number): Promise<void> {
  const span = Math.min(FIRST_PAUSE * 1.5 ** Math.min(round, 20), LONGEST_PAUSE)
  return new Promise((resolve) => {
    setTimeout(resolve, span * (0.5 + Math.random()))
  })
}
