import { generateStoreKey } from '@countersign/protocol'
import { handClock } from '@countersign/testkit'
import { AccessToken } from '../src/lib/access-token.ts'
import type { ClientEvent } from '../src/lib/events.ts'
import { shared, type SharedOptions } from '../src/lib/shared/shared-source.ts'
import type { TokenKeyParts } from '../src/lib/shared/token-cache-key.ts'
import type { TokenRequest, TokenSource } from '../src/lib/token-source.ts'
import { handStore } from './hand-store.ts'

/** How long tokens of a fleet live, unless the server says otherwise. */
export const LIFE = 3_600_000
/** Whose tokens a fleet shares. */
export const key: TokenKeyParts = {
  issuer: 'https://as.example',
  clientId: 'billing',
  authMethod: 'client_secret_basic',
  credential: 'fingerprint',
}

/** A fleet: processes that share one store, one clock and one server that counts. */
export function fleet({ keys = [generateStoreKey()] }: { readonly keys?: readonly string[] } = {}) {
  const clock = handClock()
  const store = handStore()
  const events: ClientEvent[] = []
  const asked: TokenRequest[] = []
  const server = {
    life: LIFE,
    answer: async (): Promise<void> => {},
    value: (): string => `token-${asked.length}`,
    init: {},
  }
  const source: TokenSource = async (request = {}) => {
    asked.push(request)
    const value = server.value()
    const obtainedAt = clock.now()
    await server.answer()
    return new AccessToken({
      value,
      obtainedAt,
      expiresAt: obtainedAt + server.life,
      ...server.init,
    })
  }
  const process = (options: Partial<SharedOptions> = {}): TokenSource =>
    shared(source, {
      store,
      keys,
      key,
      now: clock.now,
      timeout: 50,
      leaseTime: 100,
      onEvent: (event) => events.push(event),
      ...options,
    })
  const failures = () =>
    events.flatMap((event) =>
      event.type === 'store.failed' ? [`${event.operation}: ${event.error.message}`] : [],
    )
  const kept = () => {
    const [found] = store.entries
    if (found === undefined) throw new Error('nothing is kept')
    return { name: found[0], entry: found[1] }
  }
  return { clock, store, events, asked, server, keys, process, failures, kept }
}

/** Never answers. */
export const hangs = (): Promise<void> => new Promise(() => {})
