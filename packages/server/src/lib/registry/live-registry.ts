import type { EventListener } from '../events.ts'
import { signingKeyAt } from '../keys/key-schedule.ts'
import { openedKeys } from '../keys/opened-keys.ts'
import { generateSigningKey, type SigningKey } from '../keys/signing-key.ts'
import type { KeyRing } from '../secrets/derived-keys.ts'
import { ServerError } from '../server-error.ts'
import { followRegistry } from './registry-follower.ts'
import type { RegistryStore } from './registry-store.ts'
import type { RegistrySnapshot } from './snapshot.ts'

/** The registry of a running server: in memory, following its store, its signing keys opened. */
export interface LiveRegistry {
  readonly snapshot: RegistrySnapshot
  /** The key that signs at `now`. Throws: `ServerError` where there is none. */
  signingKey(now: number): SigningKey
  /** What a request must wait for; `undefined` once the registry is ready. */
  prepare(): Promise<void> | undefined
  ready(): Promise<void>
  refresh(): Promise<void>
  close(): Promise<void>
}

/** Sets up a registry over `store`. Nothing is read before the first `ready` or `prepare`. */
export function liveRegistry({
  store,
  keyRing,
  followInterval,
  now,
  emit,
}: {
  readonly store: RegistryStore
  readonly keyRing: KeyRing
  readonly followInterval: number
  readonly now: () => number
  readonly emit: EventListener
}): LiveRegistry {
  const keys = openedKeys(keyRing)
  let lastReadAt: number | undefined
  let starting: Promise<void> | undefined
  let state: 'new' | 'ready' | 'closed' = 'new'

  const follower = followRegistry({
    store,
    interval: followInterval,
    onChange(snapshot) {
      for (const { kid, masterKeyVersion } of keys.update(snapshot.signingKeys.values())) {
        emit({ type: 'signing_key.unusable', at: now(), kid, masterKeyVersion })
      }
    },
    onRead: () => (lastReadAt = now()),
    onFailure: (error) => emit({ type: 'snapshot.failed', at: now(), error, lastReadAt }),
    onRecovery: () => emit({ type: 'snapshot.recovered', at: now() }),
  })

  async function start(): Promise<void> {
    await read()
    if (follower.snapshot.signingKeys.size === 0) await makeFirstKey()
    // Throws where no key can sign: better now than at the first request.
    signingKey(now())
    if (state === 'closed') throw closedError()
    state = 'ready'
    follower.start()
  }

  async function makeFirstKey(): Promise<void> {
    const at = now()
    const record = generateSigningKey(keyRing, { createdAt: at, signsFrom: at })
    const result = await store.apply([{ kind: 'signing_key', record, require: 'first' }])
    // A conflict means that another server was first: its key is as good.
    if (result.applied) emit({ type: 'signing_key.created', at, kid: record.kid })
    await read()
  }

  async function read(): Promise<void> {
    try {
      await follower.refresh()
    } catch (error) {
      emit({ type: 'snapshot.failed', at: now(), error, lastReadAt })
      throw storeError(error)
    }
  }

  function signingKey(at: number): SigningKey {
    const key = signingKeyAt(keys.values(), at)
    if (key !== undefined) return key
    throw new ServerError(
      'ERR_SIGNING_KEY',
      'no signing key can be used: start with the master keys that the store was made under',
    )
  }

  async function ready(): Promise<void> {
    if (state === 'ready') return
    if (state === 'closed') throw closedError()
    starting ??= start().finally(() => (starting = undefined))
    await starting
  }

  return {
    get snapshot() {
      return follower.snapshot
    },
    signingKey,
    prepare: () => (state === 'ready' ? undefined : ready()),
    ready,
    async refresh() {
      await ready()
      await read()
    },
    async close() {
      state = 'closed'
      follower.stop()
    },
  }
}

function closedError(): ServerError {
  return new ServerError('ERR_CLOSED', 'the server is closed')
}

function storeError(cause: unknown): ServerError {
  return cause instanceof ServerError
    ? cause
    : new ServerError('ERR_STORE', 'the registry store cannot be read', { cause })
}
