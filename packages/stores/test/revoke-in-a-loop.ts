import { decodeJwt } from 'jose'
import type { RevocationRecord, ServerStore } from '@countersign/server'
import { revoke, tokenOf, type Credentials } from './token-requests.ts'

/** What a store holds once a client has got and ended very many tokens. */
export interface Marks {
  readonly ofTokens: number
  readonly ofClients: number
  /** Tokens that were ended, by the server's word, and that no mark ends. */
  readonly alive: readonly string[]
}

/** Gets tokens and ends them, four at a time, at one server after the other. */
export async function revokeInALoop(
  origins: readonly string[],
  client: Credentials,
  store: ServerStore,
  count: number,
): Promise<Marks> {
  const tokens: string[] = []
  let asked = 0
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      while (asked < count) {
        const origin = origins[asked++ % origins.length] ?? ''
        const token = await tokenOf(origin, client)
        await revoke(origin, client, token)
        tokens.push(token)
      }
    }),
  )
  const { records } = await store.registry.changesSince(0)
  const marks = records.flatMap((one) => (one.kind === 'revocation' ? [one.record] : []))
  const byKey = new Map(marks.map((one) => [`${one.target} ${one.id}`, one]))
  const ends = (mark: RevocationRecord | undefined, iat: number): boolean =>
    mark !== undefined && iat * 1000 <= mark.notAfter
  return {
    ofTokens: marks.filter(({ target }) => target === 'token').length,
    ofClients: marks.filter(({ target }) => target === 'client').length,
    alive: tokens.filter((token) => {
      const { jti, iat = Infinity } = decodeJwt(token)
      return (
        !ends(byKey.get(`token ${jti}`), iat) && !ends(byKey.get(`client ${client.clientId}`), iat)
      )
    }),
  }
}
