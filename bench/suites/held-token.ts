import { createClient } from '@countersign/client'
import type { Suite } from '../lib/report.ts'
import { measureRounds, type Contestant } from '../lib/rounds.ts'

/** `getToken` while a token is held, beside the check that people write by hand. */
export const heldToken: Suite = {
  name: 'held-token',
  async run(quick) {
    const auth = createClient({
      tokenEndpoint: 'https://as.example/token',
      clientId: 'bench',
      clientSecret: 'bench',
      fetch: async () => Response.json({ access_token: 'at', expires_in: 86_400 }),
    })
    await auth.getToken()
    const contestants: Contestant[] = [byHand(), settledPromise(), ours(auth.getToken), ...peers()]
    const measurements = await measureRounds(contestants, {
      rounds: quick ? 7 : 25,
      times: quick ? 100_000 : 400_000,
    })
    return [
      {
        title: 'A held token: await getToken()',
        conditions: 'one process, token valid for a day',
        measurements,
      },
    ]
  },
}

/** Further libraries, once they are compared: each a `Contestant` with role `peer`. */
function peers(): readonly Contestant[] {
  return []
}

function byHand(): Contestant {
  const held = { token: 'at', expiresAt: Date.now() + 86_400_000 }
  async function getToken(): Promise<string> {
    if (Date.now() < held.expiresAt - 30_000) return held.token
    throw new Error('expired')
  }
  return {
    name: 'async function, { token, expiresAt } by hand',
    role: 'floor',
    async run(times) {
      for (let i = 0; i < times; i++) await getToken()
    },
  }
}

function settledPromise(): Contestant {
  const held = { promise: Promise.resolve('at'), expiresAt: Date.now() + 86_400_000 }
  function getToken(): Promise<string> {
    if (Date.now() < held.expiresAt - 30_000) return held.promise
    throw new Error('expired')
  }
  return {
    name: 'the same settled promise by hand',
    role: 'floor',
    async run(times) {
      for (let i = 0; i < times; i++) await getToken()
    },
  }
}

function ours(getToken: () => Promise<unknown>): Contestant {
  return {
    name: 'auth.getToken()',
    role: 'ours',
    async run(times) {
      for (let i = 0; i < times; i++) await getToken()
    },
  }
}
