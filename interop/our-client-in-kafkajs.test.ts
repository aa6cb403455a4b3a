import { AccessToken, reuse, type TokenSource } from '@countersign/client'
import type { SASLOptions } from 'kafkajs'
// @ts-expect-error kafkajs does not describe its own insides
import oauthBearerAuthenticator from 'kafkajs/src/broker/saslAuthenticator/oauthBearer.js'
import { describe, expect, it } from 'vitest'
import { oauthBearer } from '@countersign/client/credentials'

/** What kafkajs sends to a broker to prove who it is. */
async function sentToBroker(sasl: SASLOptions): Promise<string> {
  let sent = ''
  const create = oauthBearerAuthenticator as (sasl: SASLOptions) => (connection: object) => {
    authenticate(): Promise<void>
  }
  await create(sasl)({
    host: 'broker',
    port: 9092,
    logger: { debug() {}, error() {} },
    async saslAuthenticate({ request }: { request: { encode(): Promise<Uint8Array> } }) {
      sent = Buffer.from(await request.encode()).toString()
    },
  }).authenticate()
  return sent
}

describe('oauthBearer in kafkajs', () => {
  it('gives the token of the moment at each authentication, with its extensions', async () => {
    let issued = 0
    const source = reuse(
      async () => new AccessToken({ value: `token-${++issued}`, obtainedAt: Date.now() }),
    )
    const sasl: SASLOptions = {
      mechanism: 'oauthbearer',
      oauthBearerProvider: oauthBearer(source, { extensions: { logicalCluster: 'lkc-1' } }),
    }
    expect(await sentToBroker(sasl)).toContain(
      '\u0001auth=Bearer token-1\u0001logicalCluster=lkc-1\u0001',
    )
    await source({ rejected: await source() })
    expect(await sentToBroker(sasl)).toContain('auth=Bearer token-2\u0001')
  })

  it('gives nothing where there is no token that may go alone', async () => {
    const source: TokenSource = async () =>
      new AccessToken({ value: 'bound', type: 'DPoP', obtainedAt: Date.now() })
    const sasl: SASLOptions = {
      mechanism: 'oauthbearer',
      oauthBearerProvider: oauthBearer(source),
    }
    await expect(sentToBroker(sasl)).rejects.toMatchObject({ code: 'ERR_NO_TOKEN' })
  })
})
