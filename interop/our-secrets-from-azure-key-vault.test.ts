import { SecretClient } from '@azure/keyvault-secrets'
import { startLoopbackServer } from '@countersign/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fromAzureKeyVault } from '@countersign/client/secrets'

/** A server that speaks the REST protocol of Azure Key Vault, and the official client on it. */
async function keyVault(versions: Record<string, string>, fault?: number) {
  const server = await startLoopbackServer((request) => {
    const url = new URL(request.url)
    if (request.headers.get('authorization') !== 'Bearer entra-token') {
      const challenge = `Bearer authorization="https://login.example/t", resource="https://vault.azure.net"`
      return new Response(null, { status: 401, headers: { 'www-authenticate': challenge } })
    }
    if (fault !== undefined) return failure(fault, 'Fault')
    const path = url.pathname.replace(/^\/secrets\//, '').replace(/\/$/, '')
    const value = versions[path]
    if (value === undefined) return failure(404, 'SecretNotFound')
    const id = `${url.origin}/secrets/${path}`
    return Response.json({ id, value, attributes: { enabled: true } })
  })
  onTestFinished(() => server.close())
  const credential = {
    getToken: async () => ({ token: 'entra-token', expiresOnTimestamp: Date.now() + 3_600_000 }),
  }
  const client = new SecretClient(server.origin, credential, {
    allowInsecureConnection: true,
    disableChallengeResourceVerification: true,
    retryOptions: { maxRetries: 0 },
  })
  return { server, client }
}

function failure(status: number, code: string): Response {
  return Response.json({ error: { code, message: 'marker-body' } }, { status })
}

describe('fromAzureKeyVault with the official client', () => {
  it('reads the latest version, afresh at each call', async () => {
    const versions = { billing: 'one' }
    const { client } = await keyVault(versions)
    const source = fromAzureKeyVault({ client, name: 'billing' })
    expect(await source()).toBe('one')
    versions.billing = 'two'
    expect(await source()).toBe('two')
  })

  it('reads the version it is told to, and a member of a secret that is JSON', async () => {
    const { client } = await keyVault({ 'billing/v1': '{"secret":"one"}' })
    const options = { client, name: 'billing', version: 'v1', field: 'secret' }
    expect(await fromAzureKeyVault(options)()).toEqual(['one'])
  })

  it.each([
    ['a secret that is not there', undefined, /\(SecretNotFound\)/, false, 404],
    ['a refusal', 403, /could not be read/, false, 403],
    ['a fault', 503, /could not be read/, true, 503],
  ])(
    'says what is wrong with %s, quoting nothing',
    async (_, fault, message, retryable, status) => {
      const { client } = await keyVault({}, fault)
      const error = await reason(fromAzureKeyVault({ client, name: 'billing' }))
      expect(error).toMatchObject({
        code: 'ERR_CREDENTIAL',
        retryable,
        status,
        message: expect.stringMatching(message),
      })
      const text = JSON.stringify(error) + String((error as Error).stack)
      for (const marker of ['marker', 'entra-token']) expect(text).not.toContain(marker)
    },
  )

  it('tells a vault that cannot be reached from one that refuses', async () => {
    const { client, server } = await keyVault({})
    await server.close()
    const error = await reason(fromAzureKeyVault({ client, name: 'billing' }))
    expect(error).toMatchObject({ code: 'ERR_CREDENTIAL', retryable: true })
  })

  it.each([
    ['client', { client: {} }],
    ['name', { name: undefined }],
  ])('refuses a wrong %s at once', (option, wrong) => {
    const client = { getSecret: async () => ({}) }
    expect(() => fromAzureKeyVault({ client, name: 'a', ...wrong } as never)).toThrow(
      expect.objectContaining({ option }),
    )
  })
})

async function reason(source: ReturnType<typeof fromAzureKeyVault>): Promise<unknown> {
  try {
    return await source()
  } catch (error) {
    return error
  }
}
