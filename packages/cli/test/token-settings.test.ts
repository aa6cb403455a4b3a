import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runCommand } from './run-command.ts'
import { temporaryFolder } from './temporary-folder.ts'

const NOW = Date.UTC(2026, 0, 1)

/** Runs `token` and gives the one request that reached the network. */
async function requestOf(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{
  url: string
  authorization: string | undefined
  form: URLSearchParams
  stdout: string
}> {
  const requests: Request[] = []
  const { stdout, stderr, code } = await runCommand(['token', ...argv], {
    env: {
      COUNTERSIGN_TOKEN_ENDPOINT: 'https://as.example/token',
      COUNTERSIGN_CLIENT_ID: 'billing',
      COUNTERSIGN_CLIENT_SECRET: 's+cret',
      ...env,
    },
    now: () => NOW,
    async fetch(input, init) {
      requests.push(new Request(input, init))
      return Response.json({ access_token: 'at', expires_in: 90, scope: 'a b' })
    },
  })
  if (code !== 0) throw new Error(stderr)
  const [request] = requests
  const basic = request?.headers.get('authorization')?.replace('Basic ', '')
  return {
    url: request?.url ?? '',
    authorization: basic === undefined ? undefined : Buffer.from(basic, 'base64').toString(),
    form: new URLSearchParams(await request?.text()),
    stdout,
  }
}

describe('countersign token', () => {
  it('asks the endpoint of the environment with its credentials', async () => {
    const { url, authorization, form, stdout } = await requestOf([])
    expect(url).toBe('https://as.example/token')
    expect(authorization).toBe('billing:s%2Bcret')
    expect([...form]).toEqual([['grant_type', 'client_credentials']])
    expect(stdout).toBe('at\n')
  })

  it('asks for what its options say', async () => {
    const { url, authorization, form } = await requestOf([
      '--token-endpoint',
      'https://other.example/t',
      '--client-id',
      'jobs',
      '--scope',
      'a',
      '--scope',
      'b c',
      '--resource',
      'https://x.example',
      '--audience',
      'orders',
      '--parameter',
      'tenant=a=b',
      '--basic-encoding=raw',
    ])
    expect(url).toBe('https://other.example/t')
    expect(authorization).toBe('jobs:s+cret')
    expect(Object.fromEntries(form)).toEqual({
      grant_type: 'client_credentials',
      scope: 'a b c',
      resource: 'https://x.example',
      audience: 'orders',
      tenant: 'a=b',
    })
  })

  it('puts the secret into the body where the method says so', async () => {
    const { authorization, form } = await requestOf(['--auth-method', 'client_secret_post'])
    expect(authorization).toBeUndefined()
    expect(form.get('client_secret')).toBe('s+cret')
  })

  it('takes the secret from the file of the option, before every variable', async () => {
    using folder = temporaryFolder()
    writeFileSync(folder.file('a'), 'from-option\n')
    writeFileSync(folder.file('b'), 'from-variable\n')
    const env = { COUNTERSIGN_CLIENT_SECRET_FILE: folder.file('b') }
    const option = await requestOf(['--secret-file', folder.file('a')], env)
    expect(option.authorization).toBe('billing:from-option')
    const both = await requestOf([], env)
    expect(both.authorization).toBe('billing:s%2Bcret')
    const file = await requestOf([], { ...env, COUNTERSIGN_CLIENT_SECRET: '' })
    expect(file.authorization).toBe('billing:from-variable')
  })

  it('says with --json when the token ends and what it is for', async () => {
    const { stdout } = await requestOf(['--json'])
    expect(JSON.parse(stdout)).toEqual({
      access_token: 'at',
      token_type: 'Bearer',
      expires_at: '2026-01-01T00:01:30.000Z',
      expires_in: 90,
      scope: 'a b',
    })
  })
})
