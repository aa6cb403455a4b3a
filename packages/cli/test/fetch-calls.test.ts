import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runCommand, type Outcome, type Surroundings } from './run-command.ts'
import { temporaryFolder } from './temporary-folder.ts'

const URL = 'https://api.example/orders'

/** Runs `fetch` against an API that answers with `api`, and gives the calls that reached it. */
async function call(
  argv: readonly string[],
  api: (request: Request) => Response = () => new Response('hello'),
  surroundings: Surroundings = {},
): Promise<Outcome & { readonly calls: readonly Request[] }> {
  const calls: Request[] = []
  const outcome = await runCommand(['fetch', ...argv], {
    env: {
      COUNTERSIGN_TOKEN_ENDPOINT: 'https://as.example/token',
      COUNTERSIGN_CLIENT_ID: 'billing',
      COUNTERSIGN_CLIENT_SECRET: 'secret',
    },
    async fetch(input, init) {
      const request = new Request(input, init)
      if (request.url === 'https://as.example/token') {
        return Response.json({ access_token: 'the-token', expires_in: 90 })
      }
      calls.push(request.clone())
      return api(request)
    },
    ...surroundings,
  })
  return { ...outcome, calls }
}

describe('countersign fetch', () => {
  it('sends the token and prints the body as it came', async () => {
    const { code, stdout, stderr, calls } = await call([URL])
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'hello', stderr: '' })
    expect(calls[0]?.method).toBe('GET')
    expect(calls[0]?.headers.get('authorization')).toBe('Bearer the-token')
  })

  it('ends the line on a terminal only', async () => {
    expect((await call([URL], undefined, { isTTY: true })).stdout).toBe('hello\n')
    const whole = await call([URL], () => new Response('hello\n'), { isTTY: true })
    expect(whole.stdout).toBe('hello\n')
  })

  it.each([[[]], [['--json']]])('says that an API broke off: %o', async (more) => {
    const half = (): Response =>
      new Response(
        new ReadableStream({
          start(controller) {
            controller.enqueue(new TextEncoder().encode('half'))
          },
          pull(controller) {
            controller.error(new TypeError('terminated'))
          },
        }),
      )
    const { code, stdout, stderr } = await call([URL, ...more], half)
    expect(code).toBe(4)
    expect(stdout).toBe(more.length === 0 ? 'half' : '')
    expect(stderr).toContain('the API at https://api.example broke off its answer')
  })

  it.each(['NOT A METHOD', 'connect', 'TRACE', ''])(
    'takes no method that cannot be sent: %o',
    async (method) => {
      const { code, stderr, calls } = await call([URL, `--request=${method}`])
      expect({ code, calls }).toEqual({ code: 2, calls: [] })
      expect(stderr).toContain('--request')
    },
  )

  it('sends method, headers and body', async () => {
    const { calls } = await call([
      URL,
      '-X',
      'put',
      '-H',
      'x-one: 1',
      '-H',
      'content-type: text/plain',
      '-d',
      'text',
    ])
    expect(calls[0]?.method).toBe('PUT')
    expect(calls[0]?.headers.get('x-one')).toBe('1')
    expect(calls[0]?.headers.get('content-type')).toBe('text/plain')
    expect(await calls[0]?.text()).toBe('text')
  })

  it.each([
    ['{"a":1}', 'application/json'],
    ['a=1&b=2', 'application/x-www-form-urlencoded'],
  ])('posts %s as %s', async (data, type) => {
    const { calls } = await call([URL, '-d', data])
    expect(calls[0]?.method).toBe('POST')
    expect(calls[0]?.headers.get('content-type')).toBe(type)
  })

  it('reads the body from a file or from standard input', async () => {
    using folder = temporaryFolder()
    writeFileSync(folder.file('body'), 'from a file')
    const file = await call([URL, '-d', `@${folder.file('body')}`])
    expect(await file.calls[0]?.text()).toBe('from a file')
    const stdin = await call([URL, '-d', '@-'], undefined, { stdin: 'from stdin' })
    expect(await stdin.calls[0]?.text()).toBe('from stdin')
    const missing = await call([URL, '-d', `@${folder.file('none')}`])
    expect(missing.code).toBe(8)
    expect(missing.stderr).toContain('ENOENT')
  })

  it('prints status and headers before the body with -i', async () => {
    const { stdout } = await call(
      [URL, '-i'],
      () => new Response('x', { status: 202, statusText: 'Accepted', headers: { 'x-a': 'b' } }),
    )
    expect(stdout).toBe('202 Accepted\ncontent-type: text/plain;charset=UTF-8\nx-a: b\n\nx')
  })

  it.each([
    ['-H', 'authorization: Bearer mine', '--header; remove it'],
    ['-H', 'no colon', '--header is no header'],
    ['-X', 'GET', 'a GET has no body'],
  ])('refuses %s %s', async (option, value, message) => {
    const { code, stderr, calls } = await call([URL, option, value, '-d', 'x'])
    expect(calls).toEqual([])
    expect(code).toBe(2)
    expect(stderr).toContain(message.replace('--header; remove it', 'of its own; remove it'))
  })

  it.each(['http://api.example/', 'api.example', 'https://u:p@api.example/'])(
    'does not send a token to %s',
    async (url) => {
      const { code, calls, stderr } = await call([url])
      expect(code).toBe(2)
      expect(calls).toEqual([])
      expect(stderr).toMatch(/^error: the URL .+\ncure: .+\n$/)
    },
  )

  it.each([
    [
      401,
      'Bearer realm="x", error="invalid_token"',
      'invalid_token: The token is expired',
      'inspect',
    ],
    [401, 'Basic realm="x"', '401 Said', 'inspect -'],
    [403, 'Bearer error="insufficient_scope", scope="a b"', 'lacks a scope', 'It wants: a b'],
    [403, '', '403 Said', 'Have the scope granted'],
    [404, '', '404 Said', 'Check the path'],
    [503, '', '503 Said', 'later'],
    [
      401,
      'Bearer error="invalid_token", error_description="the access token is for another API"',
      'The `aud` claim holds none of the configured audiences',
      'Ask for a token for this API',
    ],
    [
      400,
      'Bearer error="odd", error_description="in its own words"',
      'odd: in its own',
      'Read the',
    ],
  ])('explains %i with %s', async (status, challenge, message, cure) => {
    const { code, stdout, stderr } = await call([URL], () => {
      const headers = challenge === '' ? {} : { 'www-authenticate': challenge }
      return new Response('body', { status, statusText: 'Said', headers })
    })
    expect(code).toBe(6)
    expect(stdout).toBe('body')
    const [what, how] = stderr.split('\n')
    expect(what).toContain(message)
    expect(how).toContain(cure)
  })

  it('lets no API steer the terminal through its headers', async () => {
    const { stderr } = await call([URL], () => {
      const challenge = 'Bearer error="x", error_description="\u009b2J\u00adend"'
      return new Response('', { status: 401, headers: { 'www-authenticate': challenge } })
    })
    expect(stderr).toContain('\\u{9b}2J\\u{ad}end')
    expect(stderr).not.toContain('\u009b')
  })
})
