import { describe, expect, it } from 'vitest'
import { EXIT_CODES } from '../src/index.ts'
import { runCommand } from './run-command.ts'

const ENV = {
  COUNTERSIGN_TOKEN_ENDPOINT: 'https://as.example/token',
  COUNTERSIGN_CLIENT_ID: 'billing',
  COUNTERSIGN_CLIENT_SECRET: 'secret',
}
const TOKEN = { access_token: 'at', token_type: 'Bearer', expires_in: 60 }

/** A network on which the token server answers one thing and the API another. */
function network(
  token: () => Response,
  api: () => Response = () => new Response('hello'),
): typeof fetch {
  return async (input) => {
    const url = input instanceof Request ? input.url : String(input)
    return url.startsWith('https://as.example/') ? token() : api()
  }
}

function failing(code: string): () => never {
  return () => {
    throw new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code }) })
  }
}

const token = (): Response => Response.json(TOKEN)

describe('exit codes', () => {
  it('are distinct, and the catalogue cannot be changed', () => {
    const codes = Object.values(EXIT_CODES).map(({ code }) => code)
    expect(codes).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(Object.isFrozen(EXIT_CODES)).toBe(true)
    expect(Object.values(EXIT_CODES).every((one) => Object.isFrozen(one))).toBe(true)
  })

  it.each([
    ['a refusal', 3, () => Response.json({ error: 'invalid_client' }, { status: 401 })],
    ['a server that is not there', 4, failing('ECONNREFUSED')],
    ['an outage', 4, () => new Response('down', { status: 503 })],
    ['a page', 5, () => new Response('<html>')],
    ['an answer without a token', 5, () => Response.json({})],
    ['a redirect', 5, () => Response.redirect('https://x.example/', 302)],
    ['a wrong path', 5, () => new Response('no', { status: 404 })],
  ])('token meets %s: %i', async (_, expected, answer) => {
    const { code, stdout, stderr } = await runCommand(['token'], {
      env: ENV,
      fetch: network(answer),
    })
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^error: .+\ncure: .+\n$/)
    expect(code).toBe(expected)
  })

  it('say what an ungranted client lacks, in the words of this server and of others', async () => {
    const { code, stderr } = await runCommand(['token'], {
      env: ENV,
      fetch: network(() => Response.json({ error: 'unauthorized_client' }, { status: 400 })),
    })
    expect(code).toBe(3)
    expect(stderr).toContain(
      'cure: Grant it something: countersign grant CLIENT RESOURCE SCOPE; at another server,',
    )
  })

  it.each([
    ['a failure', 6, () => new Response('x', { status: 500, statusText: 'Broken' })],
    ['a redirect elsewhere', 6, () => Response.redirect('https://x.example/', 302)],
    ['nothing', 4, failing('ECONNRESET')],
    ['an answer', 0, () => new Response('x')],
  ])('fetch meets %s: %i', async (_, expected, answer) => {
    const argv = ['fetch', 'https://api.example/']
    const { code } = await runCommand(argv, { env: ENV, fetch: network(token, answer) })
    expect(code).toBe(expected)
  })

  it.each([
    ['no client ID', { COUNTERSIGN_ISSUER: 'https://a.example' }, [], 8],
    ['no secret', { ...ENV, COUNTERSIGN_CLIENT_SECRET: '' }, [], 8],
    ['no server', { ...ENV, COUNTERSIGN_TOKEN_ENDPOINT: '' }, [], 8],
    ['a secret file that is not there', ENV, ['--secret-file', '/nowhere/secret'], 8],
    ['an insecure endpoint', ENV, ['--token-endpoint', 'http://as.example/'], 2],
    ['a method that is none', ENV, ['--auth-method', 'client_secret_basik'], 2],
    ['a parameter without text', ENV, ['--parameter', 'x'], 2],
    ['a parameter that is taken', ENV, ['--parameter', 'client_secret=x'], 2],
    ['a timeout without unit', ENV, ['--timeout', '10'], 2],
    ['a timeout that is none', ENV, ['--timeout', '11m'], 2],
  ])('token is given %s', async (_, env, argv, expected) => {
    const { code, stderr } = await runCommand(['token', ...argv], { env, fetch: network(token) })
    expect(stderr).toMatch(/^error: .+\ncure: .+\n$/)
    expect(code).toBe(expected)
  })

  it('come with one JSON object on standard error where --json is given', async () => {
    const { code, stdout, stderr } = await runCommand(['token', '--json', '--scop', 'x'])
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(JSON.parse(stderr)).toEqual({
      error: { code: 'usage', message: 'unknown option --scop', cure: 'Use --scope' },
    })
  })

  it('show a stack only where COUNTERSIGN_DEBUG is 1', async () => {
    const broken = {
      env: ENV,
      fetch: network(token),
      now: () => {
        throw new Error('marker-inside')
      },
    }
    const quiet = await runCommand(['token'], broken)
    expect(quiet.code).toBe(1)
    expect(quiet.stderr).toBe(
      'error: an unforeseen fault (Error)\n' +
        'cure: Run it again with COUNTERSIGN_DEBUG=1 and report what it prints\n',
    )
    const loud = await runCommand(['token'], {
      ...broken,
      env: { ...ENV, COUNTERSIGN_DEBUG: '1' },
    })
    expect(loud.stderr).toContain('caused by Error: marker-inside\n    at ')
  })
})
