import { describe, expect, it } from 'vitest'
import { runCommand, type Outcome } from './run-command.ts'

const SECRET = 'marker-secret-4f9d'
const TOKEN = 'marker-token-77aa0c'
const BODY = 'marker-body-c01d'
const ENV = {
  COUNTERSIGN_TOKEN_ENDPOINT: 'https://as.example/token',
  COUNTERSIGN_CLIENT_ID: 'billing',
  COUNTERSIGN_CLIENT_SECRET: SECRET,
  COUNTERSIGN_MASTER_KEYS: `1:${SECRET}`,
  COUNTERSIGN_DEBUG: '1',
}

function expectNoMarker({ stdout, stderr }: Outcome, ...markers: readonly string[]): void {
  const basic = Buffer.from(`billing:${SECRET}`).toString('base64')
  for (const marker of [...markers, basic]) expect(stdout + stderr).not.toContain(marker)
}

const answers: [string, () => Response | Promise<Response>][] = [
  ['a refusal', () => Response.json({ error: 'invalid_client', debug: BODY }, { status: 401 })],
  ['a broken answer with a token', () => new Response(`{"access_token":"${TOKEN}",`)],
  ['a token of a wrong type', () => Response.json({ access_token: TOKEN, token_type: 'mac' })],
  ['a page that echoes', () => new Response(`<p>${BODY} ${SECRET}`, { status: 500 })],
  ['a redirect with a token in it', () => Response.redirect(`https://x.example/?t=${TOKEN}`, 302)],
  [
    'a fetch that throws it all',
    () => {
      throw Object.assign(new TypeError(`${SECRET} ${TOKEN} ${BODY}`), { request: SECRET })
    },
  ],
]

describe('no output holds a secret, a token or the body of a token answer', () => {
  it.each(answers)('when the token server answers with %s', async (_, answer) => {
    for (const argv of [['token'], ['token', '--json'], ['fetch', 'https://api.example/']]) {
      const outcome = await runCommand(argv, { env: ENV, fetch: async () => answer() })
      expect(outcome.code).not.toBe(0)
      expectNoMarker(outcome, SECRET, TOKEN, BODY)
    }
  })

  it.each(answers.slice(0, 1))('when the API refuses the token (%s)', async () => {
    const fetch: typeof globalThis.fetch = async (input) => {
      const url = input instanceof Request ? input.url : String(input)
      return url === ENV.COUNTERSIGN_TOKEN_ENDPOINT
        ? Response.json({ access_token: TOKEN, expires_in: 60 })
        : new Response('no', { status: 401 })
    }
    for (const option of ['-i', '--json']) {
      const argv = ['fetch', 'https://api.example/', option]
      const outcome = await runCommand(argv, { env: ENV, fetch })
      expect(outcome.code).toBe(6)
      expectNoMarker(outcome, SECRET, TOKEN)
    }
  })

  it.each([
    ['client', 'create', SECRET, SECRET],
    ['client', 'list', `--client-secret=${SECRET}`],
    ['client', 'list', SECRET],
    ['token', SECRET],
    ['token', '--basic-encoding', SECRET],
    ['token', '--timeout', SECRET],
    ['token', '--parameter', SECRET],
    ['token', '--token-endpoint', `https://u:${SECRET}@as.example/`],
    ['fetch', `https://u:${SECRET}@api.example/`],
    ['fetch', 'https://api.example/', '-H', `Authorization: Basic ${SECRET}`],
    ['fetch', 'https://api.example/', '-H', SECRET],
    ['serve', '--port', SECRET],
    ['key', 'rotate', '--announce', SECRET],
    [SECRET],
    ['help', SECRET],
    ['client', SECRET],
  ])('when it is put on the command line by mistake: %s %s', async (...argv) => {
    const outcome = await runCommand(
      argv.filter((one) => one !== undefined),
      { env: ENV, fetch: async () => Response.json({ access_token: TOKEN, expires_in: 60 }) },
    )
    expect(outcome.code).not.toBe(0)
    expectNoMarker(outcome, SECRET, TOKEN)
  })

  it('when the master keys of the environment are misshapen', async () => {
    const outcome = await runCommand(
      ['client', 'create', 'x', '--create', '--db', '/nowhere/a.db'],
      {
        env: ENV,
      },
    )
    expect(outcome.code).toBe(8)
    expect(outcome.stderr).toContain('COUNTERSIGN_MASTER_KEYS holds a line other than')
    expectNoMarker(outcome, SECRET)
  })

  it('when it inspects a token: the signature is left out', async () => {
    const header = Buffer.from('{"alg":"ES256"}').toString('base64url')
    const token = `${header}.e30.${TOKEN}`
    for (const option of [[], ['--json']]) {
      const argv = ['inspect', '-', ...option]
      const outcome = await runCommand(argv, { stdin: `Bearer ${token}\n` })
      expect(outcome.code).toBe(0)
      expectNoMarker(outcome, TOKEN)
    }
  })
})
