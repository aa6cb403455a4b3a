import { describe, expect, it } from 'vitest'
import { startPeer, type LoopbackPeer, type PeerRequest } from './loopback-peer.ts'
import { clientEnv, runCommand, startCommand } from './run-command.ts'

interface Report {
  readonly healthy: boolean
  readonly findings: readonly Record<'check' | 'state' | 'says' | 'cure', string>[]
}

/** Runs the doctor against a server and gives its report. */
async function examine(
  issuer: string,
  argv: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Report & { readonly code: number }> {
  const { code, stdout, stderr } = await runCommand(['doctor', '--json', ...argv], {
    env: {
      COUNTERSIGN_ISSUER: issuer,
      COUNTERSIGN_CLIENT_ID: 'billing',
      COUNTERSIGN_CLIENT_SECRET: 'marker-s+cret',
      ...env,
    },
  })
  expect(stdout + stderr).not.toContain('marker-')
  return { ...(JSON.parse(stdout) as Report), code }
}

/** A server that answers its metadata with `members` added, and its token endpoint with `token`. */
function authorizationServer(
  token: (request: PeerRequest, origin: string) => Response,
  members: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<LoopbackPeer> {
  return startPeer((request, origin) => {
    if (request.path === '/token') return token(request, origin)
    if (request.path === '/jwks') return Response.json({ keys: [] })
    return Response.json(
      { issuer: origin, token_endpoint: `${origin}/token`, jwks_uri: `${origin}/jwks`, ...members },
      { headers },
    )
  })
}

const TOKEN = { access_token: 'marker-token', token_type: 'Bearer', expires_in: 3600 }
const given = (): Response => Response.json(TOKEN)
const refused = (error: string, status = 400): Response => Response.json({ error }, { status })

function problemOf({ findings }: Report): Record<string, string> {
  const problems = findings.filter(({ state }) => state === 'problem')
  expect(problems).toHaveLength(1)
  return problems[0] ?? {}
}

describe('countersign doctor', () => {
  it('finds nothing where a server, a client and an API agree', async () => {
    await using dev = await startCommand(['dev', '--port', '0', '--api-port', '0'])
    const { issuer = '', api = '' } = dev.ready
    const report = await examine(
      issuer,
      ['--api', api, '--scope', 'orders:read'],
      clientEnv(dev.ready),
    )
    expect(report.findings.filter(({ state }) => state !== 'ok')).toEqual([])
    expect(report.findings.map(({ check }) => check).join(' ')).toBe(
      'reachable metadata clock flow method token life scope form audience key guard call',
    )
    expect([report.code, report.healthy]).toEqual([0, true])
  })

  it('says in words for people what it found, and counts the problems', async () => {
    await using server = await authorizationServer(() => refused('invalid_client', 401))
    const { code, stdout } = await runCommand(['doctor'], {
      env: {
        COUNTERSIGN_ISSUER: server.origin,
        COUNTERSIGN_CLIENT_ID: 'billing',
        COUNTERSIGN_CLIENT_SECRET: 'wrong',
      },
    })
    expect(stdout).toMatch(/^ok {7}reachable {2}http:\/\/127\.0\.0\.1:\d+ answers$/m)
    expect(stdout).toMatch(/^PROBLEM {2}token .+\n {20}cure: .+$/m)
    expect(stdout).toMatch(/\n\n1 problem was found\.\n$/)
    expect(code).toBe(9)
  })

  it('tries no more than three other settings on a server that refuses the client', async () => {
    await using server = await authorizationServer(() => refused('invalid_client', 401))
    expect((await examine(server.origin)).healthy).toBe(false)
    const asked = server.requests.filter(({ path }) => path === '/token')
    expect(asked.length).toBeGreaterThan(1)
    expect(asked.length).toBeLessThanOrEqual(4)
  })

  it.each([
    [
      'credentials in the body only',
      ({ body }: PeerRequest) => body.includes('client_secret='),
      '--auth-method client_secret_post',
    ],
    [
      'Basic credentials that are not encoded',
      ({ authorization }: PeerRequest) =>
        authorization === `Basic ${btoa('billing:marker-s+cret')}`,
      '--basic-encoding raw',
    ],
  ])('finds the setting of a server that takes %s', async (_, takes, cure) => {
    await using server = await authorizationServer((request) =>
      takes(request) ? given() : refused('invalid_client', 401),
    )
    const found = problemOf(await examine(server.origin))
    expect(found).toMatchObject({ check: 'token', cure: expect.stringContaining(cure) as string })
  })

  it('finds that the secret is right and the scope is not', async () => {
    await using server = await authorizationServer(({ body }) =>
      body.includes('scope=') ? refused('invalid_scope') : Response.json({ ...TOKEN, scope: 'a' }),
    )
    const { findings } = await examine(server.origin, ['--scope', 'b'])
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'token', cure: expect.stringContaining('--scope') }),
    )
    expect(findings).toContainEqual(
      expect.objectContaining({
        check: 'scope',
        state: 'problem',
        says: expect.stringContaining('it gives a'),
      }),
    )
  })

  it('finds a server that wants an audience in place of a resource', async () => {
    await using server = await authorizationServer(({ body }) =>
      body.includes('audience=') ? given() : refused('invalid_target'),
    )
    const found = await examine(server.origin, ['--resource', 'https://api.example.test'])
    expect(found.findings).toContainEqual(
      expect.objectContaining({
        cure: expect.stringContaining('--audience https://api.example.test'),
      }),
    )
  })

  it('finds that the issuer differs by its last slash', async () => {
    await using server = await authorizationServer(given)
    await using other = await authorizationServer(given, { issuer: `${server.origin}/` })
    const { check, cure } = problemOf(await examine(other.origin))
    expect([check, cure]).toEqual([
      'metadata',
      expect.stringContaining(`--issuer ${server.origin}/`),
    ])
  })

  it('finds that a server wants a user', async () => {
    await using server = await authorizationServer(given, {
      grant_types_supported: ['authorization_code'],
    })
    expect(problemOf(await examine(server.origin))).toMatchObject({
      check: 'flow',
      cure: expect.stringContaining('user') as string,
    })
  })

  it('notes clocks that differ, and by how much', async () => {
    const date = new Date(Date.now() + 90_000).toUTCString()
    await using server = await authorizationServer(given, {}, { date })
    const { findings, healthy } = await examine(server.origin)
    const clock = findings.find(({ check }) => check === 'clock')
    expect(clock).toMatchObject({
      state: 'note',
      says: expect.stringMatching(/(89|90|91) s behind/),
    })
    expect(healthy).toBe(true)
  })

  it('finds a token whose key is not published, and one for somebody else', async () => {
    const segment = (members: object): string =>
      Buffer.from(JSON.stringify(members)).toString('base64url')
    await using server = await authorizationServer((_request, origin) => {
      const exp = Math.floor(Date.now() / 1000) + 60
      const claims = { iss: origin, sub: 'billing', client_id: 'billing', aud: 'urn:b', exp }
      const header = { typ: 'at+jwt', alg: 'ES256', kid: 'k1' }
      return Response.json({ ...TOKEN, access_token: `${segment(header)}.${segment(claims)}.c2ln` })
    })
    const { findings } = await examine(server.origin, ['--resource', 'urn:a'])
    const problems = findings.filter(({ state }) => state === 'problem')
    expect(problems.map(({ check }) => check)).toEqual(['audience', 'key'])
  })

  it('finds an API that is open, and one that sends no challenge', async () => {
    await using server = await authorizationServer(given)
    for (const [status, says] of [
      [200, 'without a token the API answers 200'],
      [401, 'no WWW-Authenticate'],
    ] as const) {
      await using api = await startPeer(() => new Response('', { status }))
      const { findings } = await examine(server.origin, ['--api', `${api.origin}/orders`])
      expect(findings.find(({ check }) => check === 'guard')).toMatchObject({
        state: 'note',
        says: expect.stringContaining(says) as string,
      })
    }
  })

  it('says that nobody is there, and asks for no token then', async () => {
    const gone = await startPeer(given)
    await gone[Symbol.asyncDispose]()
    const { findings, code } = await examine(gone.origin)
    expect(findings.map(({ check, state }) => [check, state])).toEqual([
      ['reachable', 'problem'],
      ['token', 'skipped'],
    ])
    expect(code).toBe(9)
  })

  it('refuses a plain http address of an API elsewhere: a token would go there', async () => {
    const { code, stderr } = await runCommand(['doctor', '--api', 'http://api.example.test/'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('https')])
  })
})
