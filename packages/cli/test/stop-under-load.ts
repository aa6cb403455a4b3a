import { decodeJwt } from 'jose'
import { expect } from 'vitest'
import type { ServerStore } from '@countersign/server'
import { refusalOf, revoke, tokenOf } from '../../stores/test/token-requests.ts'
import { startProcess } from './start-process.ts'

/** What a server had answered before it was stopped. */
export interface Answered {
  /** What must be in the audit log, once: a revocation by its `jti`, a refusal by its identifier. */
  readonly audited: readonly string[]
  readonly tokens: number
}

/** Has `countersign serve` issue, revoke and refuse tokens, and stops it by SIGTERM in the middle. */
export async function stopUnderLoad(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  await using serving = await startProcess(['serve', '--port', '0', '--json', ...argv], env)
  const first = serving.lines.find((line) => line.includes('"event":"first_run"')) ?? '{}'
  const { client_id: clientId = '', client_secret: clientSecret = '' } = JSON.parse(
    first,
  ) as Record<string, string>
  const client = { clientId, clientSecret }
  const { issuer = '' } = JSON.parse(serving.ready) as Record<string, string>
  const audited: string[] = []
  let tokens = 0
  const { promise: enough, resolve } = Promise.withResolvers<void>()
  const asker = (async () => {
    for (;;) {
      const token = await tokenOf(issuer, client)
      tokens++
      // So many revocations and refusals a minute are written one by one.
      if (tokens <= 90) {
        await revoke(issuer, client, token)
        audited.push(String(decodeJwt(token).jti))
      }
      if (tokens <= 10) audited.push(await refusalOf(issuer, client))
      if (tokens === 40) resolve()
    }
  })()
  const [end] = await Promise.all([
    Promise.allSettled([asker]),
    enough.then(async () => expect(await serving.end('SIGTERM')).toBe(0)),
  ])
  // It went on to ask until nobody was there any more, or until it was told that the server ends.
  expect(String((end[0] as PromiseRejectedResult).reason)).toMatch(/fetch failed|503/)
  return { audited, tokens }
}

/** Fails where the store does not hold everything that was answered, each thing once. Closes it. */
export async function expectNothingLost(
  store: ServerStore,
  { audited, tokens }: Answered,
): Promise<void> {
  try {
    const entries = await store.audit.find({ limit: 100_000 })
    const times = new Map<unknown, number>(audited.map((key) => [key, 0]))
    for (const { correlationId, detail } of entries) {
      const key = correlationId ?? detail['jti']
      const known = times.get(key)
      if (known !== undefined) times.set(key, known + 1)
    }
    expect(Array.from(times).filter(([, count]) => count !== 1)).toEqual([])
    const uses = await store.usage.read()
    expect(uses.map((use) => use.tokens)).toEqual([tokens])
  } finally {
    await store.close()
  }
}
