import type { EventListener } from '../events.ts'
import type { KeyCustody } from '../keys/key-custody.ts'
import { algorithmsInUse, keyKeeper } from '../keys/key-keeper.ts'
import type { KeyRotation } from '../keys/key-plan.ts'
import { signingKeyAt } from '../keys/key-schedule.ts'
import { openedKeys } from '../keys/opened-keys.ts'
import type { SigningKey } from '../keys/signing-key.ts'
import { ServerError } from '../server-error.ts'
import { STORE_DEADLINE, within } from '../stores/within.ts'
import type { MarkPlan, MergedMarks } from '../tokens/mark-plan.ts'
import type { SigningAlgorithm } from './records.ts'
import { followRegistry } from './registry-follower.ts'
import type { RegistryChange, RegistryStore } from './registry-store.ts'
import type { RegistrySnapshot } from './snapshot.ts'

/** The registry of a running server: in memory, following its store, its signing keys opened. */
export interface LiveRegistry {
  readonly snapshot: RegistrySnapshot
  /** When the store was last read; `undefined` where it never was. Epoch milliseconds. */
  readonly lastReadAt: number | undefined
  readonly state: 'new' | 'ready' | 'closed'
  /**
   * The key that signs at `now`. Where its algorithm has had none so far, one is made: only then it is
   * a promise. Throws and rejects: `ServerError` where there is none.
   */
  signingKey(now: number, alg?: SigningAlgorithm): SigningKey | Promise<SigningKey>
  /** What a request must wait for; `undefined` once the registry is ready. */
  prepare(): Promise<void> | undefined
  ready(): Promise<void>
  refresh(): Promise<void>
  /**
   * Stores the revocation marks of a plan and takes them in at once; `undefined` plans nothing. The plan is
   * made again where others changed what it rests on. Gives the plan that was carried out.
   *
   * Rejects with `ERR_STORE` where it cannot.
   */
  mark(plan: (snapshot: RegistrySnapshot) => MarkPlan | undefined): Promise<MarkPlan | undefined>
  close(): Promise<void>
}

/** How often a change is tried that others are quicker with. */
const ATTEMPTS = 5

/** Sets up a registry over `store`. Nothing is read before the first `ready` or `prepare`. */
export function liveRegistry({
  store,
  custody,
  rotation,
  followInterval,
  now,
  emit,
  prove,
  onReady,
}: {
  readonly store: RegistryStore
  readonly custody: KeyCustody
  /** `undefined`: keys are made where they are missing, and never replaced. */
  readonly rotation: KeyRotation | undefined
  readonly followInterval: number
  readonly now: () => number
  readonly emit: EventListener
  /** Waited for before the registry is ready. Never rejects. */
  readonly prove: () => Promise<void>
  readonly onReady: () => void
}): LiveRegistry {
  const keys = openedKeys(custody)
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
    onRead() {
      lastReadAt = now()
      if (state === 'ready') keeper.tend().catch(reportFailure)
    },
    onFailure: reportFailure,
    onRecovery: () => emit({ type: 'snapshot.recovered', at: now() }),
  })
  const keeper = keyKeeper({
    store,
    custody,
    rotation,
    snapshot: () => follower.snapshot,
    read: () => follower.refresh(),
    now,
    emit,
  })

  function reportFailure(error: unknown): void {
    emit({ type: 'snapshot.failed', at: now(), error, lastReadAt })
  }

  async function start(): Promise<void> {
    const proving = prove()
    await read()
    await tend()
    // Throws where nothing could be signed: better now than at the first request.
    const at = now()
    const inUse = Array.from(algorithmsInUse(follower.snapshot))
    if (!inUse.some((alg) => signingKeyAt(keys.values(), alg, at))) throw signingKeyError()
    await proving
    if (state === 'closed') throw closedError()
    state = 'ready'
    follower.start()
    onReady()
  }

  async function read(): Promise<void> {
    try {
      await follower.refresh()
    } catch (error) {
      // The follower has reported it.
      throw storeError(error)
    }
  }

  async function tend(): Promise<void> {
    try {
      await keeper.tend()
    } catch (error) {
      reportFailure(error)
      throw storeError(error)
    }
  }

  async function applied(changes: readonly RegistryChange[]): Promise<boolean> {
    try {
      const result = await within(store.apply(changes), STORE_DEADLINE, 'the registry store')
      return result.applied
    } catch (error) {
      throw storeError(error, 'written')
    }
  }

  /** What stays takes room and nothing else: no answer waits for a store that fails at it. */
  async function forget({ keys: marks, revision }: MergedMarks): Promise<void> {
    if (store.forgetMarks === undefined) return
    try {
      await within(store.forgetMarks(marks, revision), STORE_DEADLINE, 'the registry store')
    } catch (error) {
      emit({ type: 'housekeeping.failed', at: now(), part: 'registry', error })
    }
  }

  function signingKey(
    at: number,
    alg: SigningAlgorithm = 'ES256',
  ): SigningKey | Promise<SigningKey> {
    return signingKeyAt(keys.values(), alg, at) ?? missingKey(at, alg)
  }

  async function missingKey(at: number, alg: SigningAlgorithm): Promise<SigningKey> {
    await tend()
    const key = signingKeyAt(keys.values(), alg, at)
    if (key === undefined) throw signingKeyError()
    return key
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
    get lastReadAt() {
      return lastReadAt
    },
    get state() {
      return state
    },
    signingKey,
    prepare: () => (state === 'ready' ? undefined : ready()),
    ready,
    async refresh() {
      await ready()
      await read()
      await tend()
    },
    async mark(plan) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const made = plan(follower.snapshot)
        if (made === undefined) return undefined
        const isApplied = await applied(made.changes)
        await read()
        if (!isApplied) continue
        if (made.merged !== undefined) await forget(made.merged)
        return made
      }
      throw storeError(undefined, 'written')
    },
    async close() {
      state = 'closed'
      follower.stop()
    },
  }
}

function signingKeyError(): ServerError {
  return new ServerError(
    'ERR_SIGNING_KEY',
    'no signing key can be used: start with the master keys and signers that the store was made under',
  )
}

function closedError(): ServerError {
  return new ServerError('ERR_CLOSED', 'the server is closed')
}

function storeError(cause: unknown, done: 'read' | 'written' = 'read'): ServerError {
  return cause instanceof ServerError
    ? cause
    : new ServerError('ERR_STORE', `the registry store cannot be ${done}`, { cause })
}
