import { describe, expect, it } from 'vitest'
import { fromAwsSecretsManager } from './from-aws-secrets-manager.ts'
import { fromAzureKeyVault } from './from-azure-key-vault.ts'
import { fromGoogleSecretManager } from './from-google-secret-manager.ts'

const hanging = () => new Promise<never>(() => {})
const name = 'projects/shop/secrets/billing'

describe('a secret manager whose client', () => {
  it.each([
    [
      'AWS',
      fromAwsSecretsManager({ client: { getSecretValue: hanging }, secretId: 'a', timeout: 20 }),
    ],
    [
      'Google',
      fromGoogleSecretManager({ client: { accessSecretVersion: hanging }, name, timeout: 20 }),
    ],
    ['Azure', fromAzureKeyVault({ client: { getSecret: hanging }, name: 'a', timeout: 20 })],
  ])('hangs costs no more than `timeout` (%s)', async (_, source) => {
    await expect(source()).rejects.toMatchObject({
      code: 'ERR_CREDENTIAL',
      retryable: true,
      message: expect.stringContaining('did not come within 20 ms'),
    })
  })

  it.each<[string, Record<string, unknown>, string, boolean]>([
    ['a name', { name: 'ResourceNotFoundException' }, ' (ResourceNotFoundException)', false],
    ['a number that passes', { code: 14 }, ' (14)', true],
    ['a number that does not', { code: 7 }, ' (7)', false],
    ['a system error', { code: 'ECONNRESET' }, ' (ECONNRESET)', true],
    ['a status of overload', { statusCode: 429 }, '', true],
    ['a status of refusal', { statusCode: 403 }, '', false],
    ['a code that is a sentence', { code: 'the secret is hunter2' }, '', false],
  ])('throws %s is told by that alone', async (_, members, shown, retryable) => {
    const thrown = Object.assign(new Error('hunter2'), members, { request: { body: 'hunter2' } })
    const source = fromAzureKeyVault({
      client: { getSecret: () => Promise.reject(thrown) },
      name: 'billing',
    })
    const error = await Promise.resolve(source()).catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      retryable,
      message: `Azure secret billing could not be read${shown}. Check its name, and that this process may read it`,
    })
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain('hunter2')
  })

  it('gives nothing gives no secret', async () => {
    const source = fromAzureKeyVault({ client: { getSecret: async () => ({}) }, name: 'billing' })
    expect(await source()).toBe('')
  })
})
