import { describe, expect, it } from 'vitest'
import { createAdministration, type Explanation } from '@countersign/server'
import { handClock, startAuthorizationServer } from '@countersign/testkit'
import { SignJWT } from 'jose'
import { generateKeyPairSync } from 'node:crypto'
import { postToken, type TokenPost } from './post-token.ts'

const DAY = 86_400_000

/** A server that refuses, and the administration asked about it once the audit log is written. */
async function explained(
  post: (
    all: Awaited<ReturnType<typeof startAuthorizationServer>>,
  ) => TokenPost | Promise<TokenPost>,
  now: () => number = Date.now,
): Promise<Explanation | undefined> {
  await using running = await startAuthorizationServer({ now })
  const { json } = await postToken(running.tokenEndpoint, await post(running))
  await running.server.close()
  return running.administration.explain(String(json['correlation_id']))
}

describe('explain', () => {
  it('says why, what it means and what cures it', async () => {
    const found = await explained(({ client }) => ({ basic: client, form: { scope: 'unknown' } }))
    expect(found).toMatchObject({
      type: 'token.refused',
      clientId: 'billing',
      reason: 'scope_not_granted',
      meaning: expect.stringContaining('not in the grant'),
      cure: expect.stringContaining('add the scope'),
    })
  })

  it.each([
    [
      'form-encoded twice',
      (text: string) => text.replace('_', '%255F'),
      'form-encoded once too often',
    ],
    ['with a line end', (text: string) => `${text}%0A`, 'a blank or a line end'],
    ['cut', (text: string) => text.slice(0, -4), 'it was cut'],
    ['mistyped', (text: string) => `${text.slice(0, -1)}-`, 'a letter was changed'],
  ])('tells a secret that came %s, and shows none of it', async (_how, spoil, fact) => {
    let secret = ''
    const found = await explained(({ client }) => {
      secret = client.clientSecret
      return { basic: { ...client, clientSecret: spoil(secret) } }
    })
    expect(found).toMatchObject({
      reason: 'secret_malformed',
      facts: [expect.stringContaining(fact)],
    })
    expect(JSON.stringify(found)).not.toContain(secret.slice(5, 20))
  })

  it('tells which credential expired, and when', async () => {
    const clock = handClock(1_800_000_000_000)
    const found = await explained(async ({ administration, client, server }) => {
      await administration.rotateSecret('billing', { overlap: 1000 })
      clock.advance(5000)
      await server.refresh()
      return { basic: client }
    }, clock.now)
    expect(found?.reason).toBe('secret_expired')
    expect(found?.facts).toContain("The credential is called 'first'.")
    expect(found?.facts).toContain('It expired at 2027-01-15T08:00:01.000Z.')
  })

  it.each([8.64e15 + 1, Number.MAX_SAFE_INTEGER, -1e300, 'not a number'])(
    'tells of an expiry that no calendar holds: %j',
    async (expiredAt) => {
      await using running = await startAuthorizationServer()
      const detail = { reason: 'secret_expired', expiredAt }
      const entry = { at: 0, type: 'token.refused', clientId: null, correlationId: 'far', detail }
      await running.store.audit.append([entry])
      const found = await running.administration.explain('far')
      expect(found?.facts).toEqual(['It expired beyond the calendar.'])
    },
  )

  it('tells a method that the client may not use, and those it may', async () => {
    const found = await explained(async ({ store, client, server }) => {
      const { records } = await store.registry.changesSince(0)
      await store.registry.apply(
        records.flatMap((one) =>
          one.kind === 'client'
            ? [
                {
                  ...one,
                  record: { ...one.record, authenticationMethods: ['private_key_jwt'] },
                  require: 'present' as const,
                },
              ]
            : [],
        ),
      )
      await server.refresh()
      return { basic: client }
    })
    expect(found?.facts).toEqual([
      'The request used client_secret_basic.',
      'The client may use private_key_jwt.',
    ])
  })

  it('tells by how much a clock is off', async () => {
    const clock = handClock(1_800_000_000_000)
    const found = await explained(async ({ administration, issuer, server }) => {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      await administration.addCredential('billing', {
        kind: 'public_key',
        publicKey: { ...publicKey.export({ format: 'jwk' }) },
        alg: 'ES256',
      })
      await server.refresh()
      const iat = clock.now() / 1000 + 147
      const assertion = await new SignJWT({ jti: 'one' })
        .setProtectedHeader({ alg: 'ES256', typ: 'client-authentication+jwt' })
        .setIssuer('billing')
        .setSubject('billing')
        .setAudience(issuer)
        .setIssuedAt(iat)
        .setExpirationTime(iat + 60)
        .sign(privateKey)
      return {
        form: {
          client_assertion: assertion,
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        },
      }
    }, clock.now)
    expect(found?.reason).toBe('assertion_not_yet_valid')
    expect(found?.facts).toEqual(['The clock of whoever signed is 147 s ahead of ours.'])
  })

  it('knows nothing of what was never answered', async () => {
    await using running = await startAuthorizationServer()
    expect(await running.administration.explain('00000000')).toBeUndefined()
    await expect(running.administration.explain('x'.repeat(65))).rejects.toMatchObject({
      code: 'ERR_ARGUMENT_VALUE',
    })
  })
})

describe('listClients', () => {
  it('says when each credential was last used, how often, and which can be retired', async () => {
    const clock = handClock(1_800_000_000_000)
    await using running = await startAuthorizationServer({ now: clock.now })
    const { administration, server, store, tokenEndpoint, masterKeys } = running
    /** What was counted is stored by a server that stops: another node tells the rest. */
    const told = async (): Promise<
      readonly (readonly [string, number, number | null, boolean])[]
    > => {
      const [client] = await createAdministration({
        store,
        masterKeys,
        now: clock.now,
      }).listClients()
      return (client?.credentials ?? []).map((one) => [
        one.label,
        one.tokens,
        one.lastUsedAt === null ? null : one.lastUsedAt - 1_800_000_000_000,
        one.safeToRetire,
      ])
    }
    const use = async (secret: string, label: string): Promise<void> => {
      const basic = { clientId: 'billing', clientSecret: secret }
      expect([label, (await postToken(tokenEndpoint, { basic })).status]).toEqual([label, 200])
      const { credentials = [] } = (await administration.listClients())[0] ?? {}
      const credentialId = credentials.find((one) => one.label === label)?.credentialId ?? ''
      await store.usage.add([
        { credentialId, clientId: 'billing', tokens: 1, lastUsedAt: clock.now() },
      ])
    }
    await use(running.client.clientSecret, 'first')
    expect(await told()).toEqual([['first', 1, 0, false]])

    const made = await administration.rotateSecret('billing', { overlap: 2 * DAY, label: 'second' })
    await server.refresh()
    clock.advance(1000)
    await use(made.secret.reveal(), 'second')
    // Somebody may still hold a token that was got with the first one, and come back with it.
    expect(await told()).toEqual([
      ['first', 1, 0, false],
      ['second', 1, 1000, false],
    ])
    clock.advance(3_600_000)
    expect((await told()).map(([label, , , safe]) => [label, safe])).toEqual([
      ['first', true],
      ['second', false],
    ])
    await use(running.client.clientSecret, 'first')
    expect((await told())[0]?.[3]).toBe(false)
    clock.advance(2 * DAY)
    expect((await told())[0]?.[3]).toBe(true)
  })
})
