import {
  createGuard,
  generateStoreKey,
  type GuardEvent,
  type GuardOptions,
  type IntrospectionOptions,
} from '@countersign/guard'
import { startAsking } from './asking-guard.ts'
import { handAnswerStore } from './hand-answer-store.ts'
import { AUDIENCE, bearer } from './scripted-issuer.ts'

/** What an instance does differently. */
interface Difference extends Partial<GuardOptions> {
  readonly asking?: Partial<IntrospectionOptions>
  readonly shared?: Partial<NonNullable<IntrospectionOptions['shared']>>
}

/** An issuer over a socket that counts questions, and guards that share its answers in one store. */
export async function startSharing(asking: Partial<IntrospectionOptions> = {}) {
  const issuer = await startAsking()
  const store = handAnswerStore(issuer.clock.now)
  const keys = [generateStoreKey()]

  /** Another instance of the API, with a memory of its own. */
  function instance(difference: Difference = {}) {
    const { asking: more, shared, ...options } = difference
    const events: GuardEvent[] = []
    const guard = createGuard({
      issuer: issuer.origin,
      audience: AUDIENCE,
      now: issuer.clock.now,
      onEvent: (event) => events.push(event),
      ...options,
      introspection: {
        clientId: 'orders-api',
        clientSecret: 'MARKER-SECRET',
        // Longer than a busy machine takes: tests of the deadline set their own.
        shared: { store, keys, timeout: 5000, ...shared },
        ...asking,
        ...more,
      },
    })
    return {
      guard,
      events,
      told: (type: GuardEvent['type']) => events.filter((event) => event.type === type),
      async ask(token = 'opaque-1', confirmedWithin?: number): Promise<string> {
        const verdict = await guard(
          bearer(token),
          confirmedWithin === undefined ? {} : { confirmedWithin },
        )
        return verdict.allowed ? 'allowed' : `${verdict.status} ${verdict.reason}`
      },
    }
  }

  /** Waits until so many answers were written. */
  const written = async (count = 1): Promise<void> => {
    await store.begun('replaceIfNewer', count)
    // The write is done in the turn after it was begun.
    await new Promise(setImmediate)
  }
  return { ...issuer, store, keys, instance, written }
}
