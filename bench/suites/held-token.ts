import { OAuth2Client, OAuth2Fetch } from '@badgateway/oauth2-client'
import { createClient, type Client } from '@countersign/client'
import { JWT } from 'google-auth-library'
import type { Suite } from '../lib/report.ts'
import { measureRounds, type Contestant } from '../lib/rounds.ts'

/** Reading a token that is held, beside the check that people write by hand. */
export const heldToken: Suite = {
  name: 'held-token',
  async run(quick) {
    const auth = client()
    const { getToken } = auth
    const rounds = quick ? 7 : 25
    const times = quick ? 100_000 : 400_000
    const awaited: Contestant[] = [
      settledPromise(),
      byHand(),
      awaiting('auth.getToken()', 'ours', getToken),
      ...(await manyTokens(auth)),
      ...(await peers()),
    ]
    const read: Contestant[] = [readByHand(), peeking(auth)]
    return [
      {
        title: 'A held token: await getToken()',
        conditions: `one process, token valid for a day; floors are written by hand; ${await bytes(getToken)} bytes a call`,
        measurements: await measureRounds(awaited, { rounds, times }),
      },
      {
        title: 'A held token, read at once: peek()',
        conditions: 'the same, without a promise',
        measurements: await measureRounds(read, { rounds, times }),
      },
    ]
  },
}

/** What one call leaves to the garbage collector: few enough calls that it does not run between. */
async function bytes(getToken: () => Promise<unknown>): Promise<number> {
  const calls = 5000
  for (let i = 0; i < calls; i++) await getToken()
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  for (let i = 0; i < calls; i++) await getToken()
  return Math.round((process.memoryUsage().heapUsed - before) / calls)
}

const DAY = 86_400_000
const answer = { access_token: 'at', token_type: 'Bearer', expires_in: DAY / 1000 }

function client(): Client {
  return createClient({
    tokenEndpoint: 'https://as.example/token',
    clientId: 'bench',
    clientSecret: 'bench',
    fetch: async () => Response.json(answer),
  })
}

/** The same read while 10,000 other tokens are held, and the read of one of those. */
async function manyTokens(usual: Client): Promise<readonly Contestant[]> {
  const auth = client()
  for (let tenant = 0; tenant < 10_000; tenant++) await auth.getToken({ partition: `t${tenant}` })
  await auth.getToken()
  await usual.getToken()
  let next = 0
  const partitions = Array.from({ length: 10_000 }, (_, tenant) => ({ partition: `t${tenant}` }))
  return [
    awaiting('auth.getToken(), 10,000 more held', 'ours', auth.getToken),
    awaiting('auth.getToken({ partition }), one of 10,000', 'ours', () =>
      auth.getToken(partitions[next++ % 10_000]),
    ),
  ]
}

async function peers(): Promise<readonly Contestant[]> {
  const badgateway = new OAuth2Fetch({
    client: new OAuth2Client({ clientId: 'bench', tokenEndpoint: 'https://as.example/token' }),
    getNewToken: () => ({ accessToken: 'at', expiresAt: Date.now() + DAY, refreshToken: null }),
  })
  const google = new JWT({ email: 'bench@example.com', key: 'unused' })
  google.credentials = { access_token: 'at', expiry_date: Date.now() + DAY }
  return [
    awaiting('@badgateway/oauth2-client', 'peer', () => badgateway.getAccessToken()),
    awaiting('google-auth-library', 'peer', () => google.getAccessToken()),
  ]
}

function awaiting(
  name: string,
  role: Contestant['role'],
  getToken: () => Promise<unknown>,
): Contestant {
  return {
    name,
    role,
    async run(times) {
      for (let i = 0; i < times; i++) await getToken()
    },
  }
}

function byHand(): Contestant {
  const held = { token: 'at', expiresAt: Date.now() + DAY }
  async function getToken(): Promise<string> {
    if (Date.now() < held.expiresAt - 30_000) return held.token
    throw new Error('expired')
  }
  return awaiting('async function, { token, expiresAt }', 'floor', getToken)
}

function settledPromise(): Contestant {
  const held = { promise: Promise.resolve('at'), expiresAt: Date.now() + DAY }
  function getToken(): Promise<string> {
    if (Date.now() < held.expiresAt - 30_000) return held.promise
    throw new Error('expired')
  }
  return awaiting('one settled promise for all', 'floor', getToken)
}

let sink: unknown

function readByHand(): Contestant {
  const held = { token: 'at', expiresAt: Date.now() + DAY }
  return {
    name: '{ token, expiresAt }',
    role: 'floor',
    run(times) {
      for (let i = 0; i < times; i++) {
        if (Date.now() < held.expiresAt - 30_000) sink = held.token
      }
      if (sink === undefined) throw new Error('nothing was read')
    },
  }
}

function peeking({ peek }: Client): Contestant {
  return {
    name: 'auth.peek()',
    role: 'ours',
    run(times) {
      for (let i = 0; i < times; i++) sink = peek()
      if (sink === undefined) throw new Error('nothing was read')
    },
  }
}
