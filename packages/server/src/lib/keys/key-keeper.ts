import type { EventListener } from '../events.ts'
import type { SigningAlgorithm, SigningKeyRecord } from '../registry/records.ts'
import type { RegistryStore } from '../registry/registry-store.ts'
import type { RegistrySnapshot } from '../registry/snapshot.ts'
import type { KeyCustody } from './key-custody.ts'
import { planKeys, type KeyPlan, type KeyRotation } from './key-plan.ts'
import { signingKeyChanges } from './signing-key-changes.ts'
import { within } from '../stores/within.ts'

/** Looks after the signing keys of a registry: first keys, successors, ends. */
export interface KeyKeeper {
  /**
   * Does what is due; resolves once it is done, or another node has done it. Callers at the same time
   * share one run. What fails is told by `signing_key.failed`, and tried again half a minute later.
   *
   * Rejects where the store does.
   */
  tend(): Promise<void>
}

/** How long after a failure nothing is tried again for its algorithm, in milliseconds: half a minute. */
const PAUSE = 30_000

/** How many times a change is decided anew because another node was quicker. */
const ATTEMPTS = 5

/** The algorithms that signing keys are needed for: ES256, and those of the resources. */
export function algorithmsInUse({ resources }: RegistrySnapshot): ReadonlySet<SigningAlgorithm> {
  const inUse = new Set<SigningAlgorithm>(['ES256'])
  for (const { state, tokenFormat, signingAlgorithm } of resources.values()) {
    if (state === 'active' && tokenFormat === 'jwt') inUse.add(signingAlgorithm)
  }
  return inUse
}

/** The longest a token may live at any resource, an hour at least: keys stay published that long. */
export function longestLifetime({ resources }: RegistrySnapshot): number {
  let longest = 3600
  for (const { tokenLifetimeSeconds } of resources.values()) {
    longest = Math.max(longest, tokenLifetimeSeconds)
  }
  return longest
}

/** Milliseconds until a change that the store has not answered has failed. */
const APPLY_DEADLINE = 30_000

/** A keeper. It decides by `snapshot`, and has it read anew by `read` once it has changed the store. */
export function keyKeeper({
  store,
  custody,
  rotation,
  snapshot,
  read,
  now,
  emit,
}: {
  readonly store: RegistryStore
  readonly custody: KeyCustody
  readonly rotation: KeyRotation | undefined
  readonly snapshot: () => RegistrySnapshot
  readonly read: () => Promise<void>
  readonly now: () => number
  readonly emit: EventListener
}): KeyKeeper {
  let running: Promise<void> | undefined
  // A signer that fails each second would be asked for a key each second.
  const pausedUntil = new Map<SigningAlgorithm, number>()
  // Resources change seldom and may be thousands, while this is asked every second.
  let known: { revision: number; inUse: ReadonlySet<SigningAlgorithm>; longest: number } | undefined

  function plans(at: number): readonly KeyPlan[] {
    const view = snapshot()
    if (known?.revision !== view.revision) {
      const { revision } = view
      known = { revision, inUse: algorithmsInUse(view), longest: longestLifetime(view) }
    }
    const { inUse, longest: longestLifetimeSeconds } = known
    const keys = Array.from(view.signingKeys.values())
    return Array.from(new Set([...inUse, ...keys.map(({ alg }) => alg)]), (alg) => {
      const needed = inUse.has(alg)
      return planKeys(alg, keys, { now: at, needed, rotation, longestLifetimeSeconds })
    })
  }

  /** The records one plan comes to; none where its key could not be made. */
  async function carryOut(plan: KeyPlan, at: number): Promise<Step> {
    const step: Step = { created: [], retired: [], destroyed: [] }
    if (at < (pausedUntil.get(plan.alg) ?? 0)) return step
    if (plan.createFrom === undefined) step.retired.push(...plan.retired)
    else {
      await attempt(
        async () => {
          const times = { createdAt: at, signsFrom: plan.createFrom ?? at }
          step.created.push(await custody.create(plan.alg, times))
          step.retired.push(...plan.retired)
        },
        { alg: plan.alg, kid: undefined },
      )
    }
    for (const record of plan.over) {
      if (!custody.canDestroy(record)) continue
      const { alg, kid } = record
      await attempt(async () => void step.destroyed.push(await custody.destroy(record)), {
        alg,
        kid,
      })
    }
    return step
  }

  async function attempt(
    action: () => Promise<void>,
    about: { readonly alg: SigningAlgorithm; readonly kid: string | undefined },
  ): Promise<void> {
    try {
      await action()
    } catch (error) {
      pausedUntil.set(about.alg, now() + PAUSE)
      emit({ type: 'signing_key.failed', at: now(), ...about, error })
    }
  }

  async function run(): Promise<void> {
    for (let turn = 0; turn < ATTEMPTS; turn++) {
      const at = now()
      const view = snapshot()
      const { revision } = view
      const signingKeys = new Map(view.signingKeys)
      const steps = await Promise.all(plans(at).map((plan) => carryOut(plan, at)))
      const created = steps.flatMap((step) => step.created)
      const destroyed = steps.flatMap((step) => step.destroyed)
      const records = [...created, ...destroyed, ...steps.flatMap((step) => step.retired)]
      if (records.length === 0) return
      // Decided by what was read before the keys were made, whatever was read since.
      const changes = signingKeyChanges({ signingKeys, revision }, records)
      const applying = store.apply(changes)
      const { applied } = await within(applying, APPLY_DEADLINE, 'the registry store')
      if (applied) {
        for (const { kid, alg, signsFrom } of created) {
          emit({ type: 'signing_key.created', at, kid, alg, signsFrom })
        }
        for (const { kid, alg } of destroyed) emit({ type: 'signing_key.destroyed', at, kid, alg })
      } else await discard(created)
      await read()
      if (applied) return
    }
  }

  /** Another node was quicker: what was made in a signer would stay there for nothing. */
  async function discard(created: readonly SigningKeyRecord[]): Promise<void> {
    for (const record of created) {
      const { alg, kid, externalKey } = record
      if (externalKey === null || !custody.canDestroy(record)) continue
      await attempt(async () => void (await custody.destroy(record)), { alg, kid })
    }
  }

  return {
    tend() {
      running ??= run().finally(() => (running = undefined))
      return running
    },
  }
}

interface Step {
  readonly created: SigningKeyRecord[]
  readonly retired: SigningKeyRecord[]
  readonly destroyed: SigningKeyRecord[]
}
