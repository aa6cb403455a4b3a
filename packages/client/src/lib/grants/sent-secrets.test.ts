import { formatBasicCredentials } from '@countersign/protocol'
import { describe, expect, it } from 'vitest'
import { sentSecrets, withoutQuotes } from './sent-secrets.ts'

describe('sentSecrets', () => {
  it.each([
    ['form', 'se cret+/%é:1'],
    ['raw', 'se cret+/é:1'],
    ['raw', '100%-secret'],
  ] as const)('knows a secret in Basic credentials written as %s: %s', (encoding, clientSecret) => {
    const credentials = { clientId: 'billing', clientSecret }
    const authorization = formatBasicCredentials(credentials, encoding)
    const secrets = sentSecrets({ headers: { authorization }, parameters: [] }, undefined)
    expect(secrets).toContain(clientSecret)
    expect(secrets).toContain(authorization.slice('Basic '.length))
    const body = { error: 'invalid_client', error_description: `not ${clientSecret}` }
    expect(withoutQuotes(body, secrets)).toEqual({ error: 'invalid_client' })
  })

  it('knows secrets among the parameters, assertions, and the credential of any scheme', () => {
    const secrets = sentSecrets(
      {
        headers: { authorization: 'Custom not-base64' },
        parameters: [
          ['client_id', 'billing'],
          ['client_secret', 'in-the-form'],
          ['client_assertion', 'a.signed.one'],
        ],
      },
      'the.grant.one',
    )
    expect(secrets).toEqual(['not-base64', 'the.grant.one', 'in-the-form', 'a.signed.one'])
  })
})
