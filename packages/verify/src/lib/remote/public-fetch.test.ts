import { createServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { handClock, startLoopbackServer, type LoopbackHandler } from '@countersign/testkit'
import { tokenMint } from '@countersign/testkit/contracts'
import { describe, expect, it, onTestFinished } from 'vitest'
import { publishedKeys } from '../keys/published-keys.ts'
import { SIGNATURE_ALGORITHMS } from '../signature/signature-algorithm.ts'
import type { DocumentEvent } from './document-event.ts'
import { fetchJson } from './fetch-json.ts'
import type { PublicFetchOptions } from './public-fetch-options.ts'
import { publicFetch } from './public-fetch.ts'

/** A name server that gives one answer after the other, the last one ever after. */
function scripted(...answers: readonly (readonly string[])[]) {
  const asked: string[] = []
  const resolve = async (hostname: string): Promise<readonly string[]> => {
    asked.push(hostname)
    return answers[Math.min(asked.length, answers.length) - 1] ?? []
  }
  return Object.assign(resolve, { asked })
}

/** The status of an answer, or the fault. */
async function outcome(
  url: string | URL | Request,
  options: PublicFetchOptions,
  init?: RequestInit,
): Promise<number | string> {
  try {
    return (await publicFetch(options)(url, init)).status
  } catch (error) {
    expect(error).toMatchObject({ name: 'LoadFailure' })
    return (error as { readonly fault: string }).fault
  }
}

async function startServer(handler: LoopbackHandler = () => Response.json({ keys: [] })) {
  const server = await startLoopbackServer(handler)
  onTestFinished(() => server.close())
  return { server, port: Number(new URL(server.origin).port) }
}

describe('publicFetch', () => {
  it('asks a server on loopback by plain http, where that is let through', async () => {
    const { server } = await startServer()
    const response = await publicFetch({ loopbackHttp: true })(`${server.origin}/keys?a=1`, {
      headers: { accept: 'application/json' },
    })
    expect(await response.json()).toEqual({ keys: [] })
    expect(server.requests[0]).toMatchObject({ method: 'GET', path: '/keys?a=1' })
    const { headers } = server.requests[0] ?? {}
    expect(headers?.get('host')).toBe(new URL(server.origin).host)
    expect(headers?.get('accept')).toBe('application/json')
    expect(headers?.get('accept-encoding')).toBe('identity')
  })

  it('asks it not, where it is not: by http or by https [std:181]', async () => {
    const { server, port } = await startServer()
    expect(await outcome(server.origin, {})).toBe('forbidden_address')
    expect(await outcome(`https://127.0.0.1:${port}`, {})).toBe('forbidden_address')
    expect(await outcome(`https://127.0.0.1:${port}`, { loopbackHttp: true })).toBe(
      'forbidden_address',
    )
    expect(server.requests).toEqual([])
  })

  it.each([
    'ftp://keys.example/',
    'file:///etc/passwd',
    'data:application/json,{}',
    'http://keys.example/',
    'https://user@keys.example/',
    'https://user:word@keys.example/',
    '/keys',
    'not a url',
    'https://10.0.0.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://[::1]/',
    'https://[::ffff:8.8.8.8]/',
    'https://[fd00::1]/',
    'https://0/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://127.1/',
  ])('resolves nothing and asks nobody for %s [std:151] [std:181]', async (url) => {
    const names = scripted(['8.8.8.8'])
    expect(await outcome(url, { resolve: names })).toBe('forbidden_address')
    expect(names.asked).toEqual([])
  })

  it('does GET alone, without a body', async () => {
    const names = scripted(['8.8.8.8'])
    const url = 'https://keys.example/'
    expect(await outcome(url, { resolve: names }, { method: 'POST' })).toBe('forbidden_address')
    expect(await outcome(url, { resolve: names }, { body: 'a' })).toBe('forbidden_address')
    expect(await outcome(new Request(url), { resolve: names })).toBe('forbidden_address')
    expect(names.asked).toEqual([])
  })

  it.each([
    [['127.0.0.1']],
    [['10.0.0.1']],
    [['169.254.169.254']],
    [['::1']],
    [['fe80::1']],
    [['8.8.8.8', '10.0.0.1']],
    [['::ffff:127.0.0.1']],
    [['127.0.0.1%lo']],
    [['localhost']],
    [['']],
  ])('asks nobody when a name resolves to %j [std:151] [std:181]', async (addresses) => {
    const { server, port } = await startServer()
    const names = scripted(addresses)
    expect(await outcome(`https://keys.example:${port}/`, { resolve: names })).toBe(
      'forbidden_address',
    )
    expect(names.asked).toEqual(['keys.example'])
    expect(server.requests).toEqual([])
  })

  it('lets plain http through to loopback alone, by a name too', async () => {
    const { server, port } = await startServer()
    const url = `http://keys.example:${port}/`
    const ask = (address: string) =>
      outcome(url, {
        loopbackHttp: true,
        allowedAddresses: ['10.0.0.0/8'],
        resolve: scripted([address]),
      })
    expect(await ask('127.0.0.1')).toBe(200)
    expect(server.requests[0]?.headers.get('host')).toBe(`keys.example:${port}`)
    expect(await ask('8.8.8.8')).toBe('forbidden_address')
    expect(await ask('10.0.0.1')).toBe('forbidden_address')
  })

  it('resolves a name once, and asks the very address it has looked at [std:181]', async () => {
    const { server, port } = await startServer()
    const rebinding = scripted(['127.0.0.1'], ['10.0.0.1'])
    const ask = publicFetch({ loopbackHttp: true, resolve: rebinding })
    expect((await ask(`http://keys.example:${port}/`)).status).toBe(200)
    expect(rebinding.asked).toEqual(['keys.example'])
    await expect(ask(`http://keys.example:${port}/`)).rejects.toMatchObject({
      fault: 'forbidden_address',
    })
    expect(server.requests).toHaveLength(1)
  })

  it('tries another address of the name where one does not answer', async () => {
    const { server, port } = await startServer()
    const names = scripted(['127.0.0.2', '127.0.0.1'])
    expect(
      await outcome(`http://keys.example:${port}/`, { loopbackHttp: true, resolve: names }),
    ).toBe(200)
    expect(server.requests).toHaveLength(1)
    const none = scripted(['127.0.0.2', '127.0.0.3'])
    expect(
      await outcome(`http://keys.example:${port}/`, { loopbackHttp: true, resolve: none }),
    ).toBe('network')
  })

  it('follows no redirect [std:151]', async () => {
    const { server } = await startServer((_, { path }) =>
      path === '/away' ? Response.redirect(`${server.origin}/target`, 302) : Response.json({}),
    )
    const fetch = publicFetch({ loopbackHttp: true })
    expect((await fetch(`${server.origin}/away`, { redirect: 'follow' })).status).toBe(302)
    const { signal } = new AbortController()
    await expect(
      fetchJson(`${server.origin}/away`, { fetch, accept: 'application/json', signal }),
    ).rejects.toMatchObject({ fault: 'redirect' })
    expect(server.requests.map(({ path }) => path)).toEqual(['/away', '/away'])
  })

  it('gives conditional answers on', async () => {
    const { server } = await startServer((request) =>
      request.headers.get('if-none-match') === '"a"'
        ? new Response(null, { status: 304 })
        : Response.json({}, { headers: { etag: '"a"' } }),
    )
    const headers = { 'if-none-match': '"a"' }
    expect(await outcome(server.origin, { loopbackHttp: true }, { headers })).toBe(304)
  })

  it('reads no more than it may, whether the length is said or not', async () => {
    const text = 'a'.repeat(2000)
    const { server } = await startServer((_, { path }) =>
      path === '/said'
        ? new Response(text, { headers: { 'content-length': '2000' } })
        : new Response(new Blob([text]).stream()),
    )
    for (const path of ['/said', '/unsaid']) {
      const ask = (maxBytes: number) =>
        outcome(server.origin + path, { loopbackHttp: true, maxBytes })
      expect([await ask(1999), await ask(2000)]).toEqual(['too_large', 200])
    }
  })

  it('unpacks nothing', async () => {
    const packed = gzipSync('{"keys":[]}')
    const { server } = await startServer(
      () => new Response(packed, { headers: { 'content-encoding': 'gzip' } }),
    )
    const response = await publicFetch({ loopbackHttp: true })(server.origin)
    expect(Buffer.from(await response.arrayBuffer())).toEqual(packed)
  })

  it('ends at its deadline, wherever it hangs', async () => {
    const { port } = await startServer()
    const never = new Promise<never>(() => {})
    const short = { loopbackHttp: true, timeout: 50 }
    const resolve = () => never
    expect(await outcome(`http://keys.example:${port}/`, { ...short, resolve })).toBe('timeout')
    const silent = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void silent.close())
    await new Promise((listening) => silent.once('listening', listening))
    const { port: silentPort } = silent.address() as { readonly port: number }
    expect(await outcome(`http://127.0.0.1:${silentPort}/`, short)).toBe('timeout')
    const slow = await startServer(
      () =>
        new Response(
          new ReadableStream({
            start(controller) {
              controller.enqueue(new TextEncoder().encode('{'))
            },
          }),
        ),
    )
    expect(await outcome(slow.server.origin, short)).toBe('timeout')
  })

  it('ends when its caller says so', async () => {
    const { server } = await startServer(() => new Promise<never>(() => {}))
    const { signal } = { signal: AbortSignal.abort() }
    expect(await outcome(server.origin, { loopbackHttp: true }, { signal })).toBe('timeout')
    const leaving = new AbortController()
    const asked = outcome(server.origin, { loopbackHttp: true }, { signal: leaving.signal })
    leaving.abort()
    expect(await asked).toBe('timeout')
  })

  it('says nothing of inner addresses and of what went wrong there', async () => {
    const resolve = async () => ['10.9.8.7']
    const failing = async () => {
      throw new Error('ns1.inner.example does not know it')
    }
    for (const options of [{ resolve }, { resolve: failing }]) {
      const error: unknown = await publicFetch(options)('https://secret-name.example/').catch(
        (reason: unknown) => reason,
      )
      const { stack = '', cause } = error as Error
      expect(`${stack} ${JSON.stringify(error)} ${String(cause)}`).not.toMatch(
        /10\.9|inner|secret-name/,
      )
    }
  })

  it('takes what is no answer of HTTP for a failure of the network', async () => {
    const odd = createServer((socket) => void socket.end('hello\r\n\r\n')).listen(0, '127.0.0.1')
    onTestFinished(() => void odd.close())
    await new Promise((listening) => odd.once('listening', listening))
    const { port } = odd.address() as { readonly port: number }
    expect(await outcome(`http://127.0.0.1:${port}/`, { loopbackHttp: true })).toBe('network')
    expect(await outcome(`https://127.0.0.1:${port}/`, { allowedAddresses: ['127.0.0.1'] })).toBe(
      'network',
    )
  })

  it('is not to be had where there is no node:https', () => {
    const original = process.getBuiltinModule
    Reflect.set(process, 'getBuiltinModule', undefined)
    onTestFinished(() => {
      Reflect.set(process, 'getBuiltinModule', original)
    })
    expect(() => publicFetch()).toThrow('this runtime has no node:https')
  })

  it.each([
    [{ allowedAddresses: '10.0.0.0/8' }, 'allowedAddresses'],
    [{ allowedAddresses: ['10.0.0.0/33'] }, 'allowedAddresses[0]'],
    [{ loopbackHttp: 'yes' }, 'loopbackHttp'],
    [{ ca: 7 }, 'ca'],
    [{ ca: ['a', 7] }, 'ca'],
    [{ resolve: 'dns' }, 'resolve'],
    [{ timeout: 0 }, 'timeout'],
    [{ maxBytes: -1 }, 'maxBytes'],
    [{ allowLoopback: true }, 'allowLoopback'],
  ])('refuses %j, naming %s', (options, option) => {
    expect(() => publicFetch(options as never)).toThrow(
      expect.objectContaining({ name: 'ArgumentError', option }),
    )
  })
})

describe('publishedKeys by publicFetch', () => {
  const clock = handClock()
  const mint = tokenMint({ issuer: 'unused', audience: 'unused', now: clock.now })

  function keysAt(jwksUri: string, fetch: typeof globalThis.fetch) {
    const events: DocumentEvent[] = []
    const document = publishedKeys({
      jwksUri,
      fetch,
      algorithms: new Set(SIGNATURE_ALGORITHMS),
      now: clock.now,
      timeout: 5000,
      staleFor: 0,
      emit: (event) => events.push(event),
    })
    return { document, events }
  }

  it('finds the keys of a client at its own address', async () => {
    const { server } = await startServer(() => Response.json(mint.jwks))
    const { document } = keysAt(`${server.origin}/jwks`, publicFetch({ loopbackHttp: true }))
    const set = await document.get()
    expect(set?.candidates('ES256', mint.kid)).toHaveLength(1)
    await document.get()
    expect(server.requests).toHaveLength(1)
  })

  it('says that an address was refused, and where it was not, what else was wrong', async () => {
    const { document, events } = keysAt('https://10.0.0.1/jwks', publicFetch())
    expect(await document.get()).toBeUndefined()
    expect(events).toMatchObject([{ type: 'load_failed', fault: 'forbidden_address' }])
    const { server } = await startServer(() => new Response('<html>', { status: 500 }))
    const other = keysAt(server.origin, publicFetch({ loopbackHttp: true }))
    await other.document.get()
    expect(other.events).toMatchObject([{ type: 'load_failed', fault: 'status' }])
  })
})
