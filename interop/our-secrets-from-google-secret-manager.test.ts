import { SecretManagerServiceClient } from '@google-cloud/secret-manager'
import { startLoopbackServer } from '@countersign/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fromGoogleSecretManager } from '@countersign/client/secrets'

/** A server that speaks the REST protocol of Google Secret Manager, and the official client on it. */
async function secretManager(versions: Record<string, string>) {
  const server = await startLoopbackServer((request) => {
    const path = new URL(request.url).pathname.replace(/^\/v1\//, '').replace(/:access$/, '')
    const text = versions[path]
    if (text === undefined) {
      const error = { code: 404, status: 'NOT_FOUND', message: 'marker-body' }
      return Response.json({ error }, { status: 404 })
    }
    if (text === 'busy') {
      const error = { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'marker-body' }
      return Response.json({ error }, { status: 429 })
    }
    return Response.json({ name: path, payload: { data: Buffer.from(text).toString('base64') } })
  })
  onTestFinished(() => server.close())
  const { hostname, port } = new URL(server.origin)
  const client = new SecretManagerServiceClient({
    fallback: true,
    protocol: 'http',
    apiEndpoint: hostname,
    port: Number(port),
    projectId: 'shop',
    apiKey: 'marker-api-key',
  })
  onTestFinished(() => client.close())
  return { server, client }
}

const NAME = 'projects/shop/secrets/billing'

describe('fromGoogleSecretManager with the official client', () => {
  it('reads the latest version, afresh at each call', async () => {
    const versions = { [`${NAME}/versions/latest`]: 'one' }
    const { client } = await secretManager(versions)
    const source = fromGoogleSecretManager({ client, name: NAME })
    expect(await source()).toBe('one')
    versions[`${NAME}/versions/latest`] = 'two'
    expect(await source()).toBe('two')
  })

  it('reads the version it is told to, and members of a secret that is JSON', async () => {
    const { client } = await secretManager({ [`${NAME}/versions/3`]: '{"now":"one","next":"two"}' })
    const name = `${NAME}/versions/3`
    const source = fromGoogleSecretManager({ client, name, field: ['now', 'next'] })
    expect(await source()).toEqual(['one', 'two'])
  })

  it('says what is wrong with a secret that is not there, quoting nothing', async () => {
    const { client } = await secretManager({})
    const error = await reason(fromGoogleSecretManager({ client, name: NAME }))
    expect(error).toMatchObject({
      code: 'ERR_CREDENTIAL',
      retryable: false,
      message: expect.stringContaining(`Google secret ${NAME}/versions/latest could not be read`),
    })
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain('marker')
  })

  it('ends at the deadline where the official client would go on trying for a minute', async () => {
    const { client } = await secretManager({ [`${NAME}/versions/latest`]: 'busy' })
    const error = await reason(fromGoogleSecretManager({ client, name: NAME, timeout: 50 }))
    expect(error).toMatchObject({ code: 'ERR_CREDENTIAL', retryable: true })
  })

  it.each([
    ['client', { client: {} }],
    ['name', { name: 'billing' }],
    ['name', { name: `${NAME}/versions/1/../2` }],
  ])('refuses a wrong %s at once', (option, wrong) => {
    const client = { accessSecretVersion: async () => [{}] }
    expect(() => fromGoogleSecretManager({ client, name: NAME, ...wrong } as never)).toThrow(
      expect.objectContaining({ option }),
    )
  })
})

async function reason(source: ReturnType<typeof fromGoogleSecretManager>): Promise<unknown> {
  try {
    return await source()
  } catch (error) {
    return error
  }
}
