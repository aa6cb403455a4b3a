import {
  handClock,
  startListener,
  startLoopbackServer,
  type LoopbackHandler,
  type LoopbackServer,
} from '@countersign/testkit'
import { onTestFinished } from 'vitest'
import { clientCredentials, type ClientCredentialsOptions } from '../src/index.ts'

/** Who the client is, in tests that are about something else. */
export const client = { clientId: 'billing', clientSecret: 's3cret' }

/** A token response without a fault. */
export const good = { access_token: 'at-1', token_type: 'Bearer', expires_in: 600 }

/** A loopback server that ends with the test. */
export async function server(handler: LoopbackHandler): Promise<LoopbackServer> {
  const started = await startLoopbackServer(handler)
  onTestFinished(() => started.close())
  return started
}

/** A node:http listener that ends with the test. */
export async function listener(
  ...[listen]: Parameters<typeof startListener>
): Promise<LoopbackServer> {
  const started = await startListener(listen)
  onTestFinished(() => started.close())
  return started
}

/** A source on a token endpoint that gives this answer, with a clock that stands still. */
export async function answering(
  handler: LoopbackHandler,
  options: Partial<ClientCredentialsOptions> = {},
) {
  const endpoint = await server(handler)
  const clock = handClock(1_000_000)
  const source = clientCredentials({
    ...client,
    tokenEndpoint: `${endpoint.origin}/token?tenant=1`,
    now: clock.now,
    ...options,
  })
  return { endpoint, source, clock }
}
