import { SecretsManager } from '@aws-sdk/client-secrets-manager'
import { startLoopbackServer } from '@countersign/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fromAwsSecretsManager } from '@countersign/client/secrets'

/** A server that speaks the JSON protocol of AWS Secrets Manager, and the official client on it. */
async function secretsManager(
  versions: Record<string, { SecretString?: string; SecretBinary?: string }>,
  fault?: { status: number; type: string },
) {
  const server = await startLoopbackServer((request, { body }) => {
    if (fault !== undefined) return failure(fault.status, fault.type)
    if (request.headers.get('x-amz-target') !== 'secretsmanager.GetSecretValue') {
      return failure(400, 'UnknownOperationException')
    }
    const { SecretId, VersionStage } = JSON.parse(body) as Record<string, string>
    const version = SecretId === 'billing' ? versions[VersionStage ?? 'AWSCURRENT'] : undefined
    if (version === undefined) return failure(400, 'ResourceNotFoundException')
    return json(200, { Name: SecretId, VersionStages: [VersionStage], ...version })
  })
  onTestFinished(() => server.close())
  const client = new SecretsManager({
    region: 'eu-west-1',
    endpoint: server.origin,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'marker-aws-key' },
    maxAttempts: 1,
  })
  onTestFinished(() => client.destroy())
  return { server, client }
}

function failure(status: number, type: string): Response {
  return json(status, { __type: type, message: 'marker-body' })
}

function json(status: number, body: unknown): Response {
  const headers = { 'content-type': 'application/x-amz-json-1.1' }
  return new Response(JSON.stringify(body), { status, headers })
}

describe('fromAwsSecretsManager with the official client', () => {
  it('reads the current version, afresh at each call', async () => {
    const versions = { AWSCURRENT: { SecretString: 'one' } }
    const { client, server } = await secretsManager(versions)
    const source = fromAwsSecretsManager({ client, secretId: 'billing' })
    expect(await source()).toEqual(['one'])
    versions.AWSCURRENT.SecretString = 'two'
    expect(await source()).toEqual(['two'])
    expect(server.requests[0]?.headers.get('authorization')).toMatch(/^AWS4-HMAC-SHA256 /)
  })

  it('reads the staging labels it is told to, leaving out those that no version carries', async () => {
    const versions: Parameters<typeof secretsManager>[0] = { AWSCURRENT: { SecretString: 'one' } }
    const { client } = await secretsManager(versions)
    const stages = ['AWSCURRENT', 'AWSPENDING']
    const source = fromAwsSecretsManager({ client, secretId: 'billing', stages })
    expect(await source()).toEqual(['one'])
    versions['AWSPENDING'] = { SecretString: 'two' }
    expect(await source()).toEqual(['one', 'two'])
  })

  it('takes a member of a secret that is JSON, and a secret that is binary', async () => {
    const { client } = await secretsManager({
      AWSCURRENT: { SecretString: '{"id":"billing","secret":"one"}' },
      AWSPREVIOUS: { SecretBinary: Buffer.from('{"secret":"zero"}').toString('base64') },
    })
    const stages = ['AWSCURRENT', 'AWSPREVIOUS']
    const source = fromAwsSecretsManager({ client, secretId: 'billing', field: 'secret', stages })
    expect(await source()).toEqual(['one', 'zero'])
  })

  it.each([
    ['a secret that is not there', undefined, /\(ResourceNotFoundException\)/, false],
    ['a refusal', { status: 400, type: 'AccessDeniedException' }, /\(AccessDenied/, false],
    ['a fault', { status: 500, type: 'InternalServiceError' }, /\(InternalService/, true],
  ])('says what is wrong with %s, quoting nothing', async (_, fault, message, retryable) => {
    const { client } = await secretsManager({}, fault)
    const error = await reason(fromAwsSecretsManager({ client, secretId: 'billing' }))
    expect(error).toMatchObject({
      code: 'ERR_CREDENTIAL',
      retryable,
      message: expect.stringMatching(message),
    })
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain('marker')
  })

  it('tells a manager that cannot be reached from one that refuses', async () => {
    const { client, server } = await secretsManager({})
    await server.close()
    const error = await reason(fromAwsSecretsManager({ client, secretId: 'billing' }))
    expect(error).toMatchObject({ code: 'ERR_CREDENTIAL', retryable: true })
  })

  it.each([
    ['client', { client: {} }],
    ['secretId', { secretId: '' }],
    ['stages', { stages: [] }],
    ['field', { field: 7 }],
  ])('refuses a wrong %s at once', (option, wrong) => {
    const client = { getSecretValue: async () => ({}) }
    expect(() => fromAwsSecretsManager({ client, secretId: 'a', ...wrong } as never)).toThrow(
      expect.objectContaining({ option }),
    )
  })
})

async function reason(source: ReturnType<typeof fromAwsSecretsManager>): Promise<unknown> {
  try {
    return await source()
  } catch (error) {
    return error
  }
}
