import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as grpc from '@grpc/grpc-js'
import { AccessToken, reuse, TransportError, type TokenSource } from '@countersign/client'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { callCredentials, retryUnauthenticated } from '@countersign/client/grpc'
import { hasProgram } from './servers/machine.ts'

const hasOpenssl = hasProgram('openssl')

/** A certificate for localhost that vouches for itself. */
function selfSigned(): { readonly key: Buffer; readonly cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  try {
    execFileSync('openssl', [...request, ...subject, '-keyout', key, '-out', cert], {
      stdio: 'ignore',
    })
    return { key: readFileSync(key), cert: readFileSync(cert) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const text = {
  path: '/countersign.Echo/Say',
  requestStream: false,
  responseStream: false,
  requestSerialize: (value: string) => Buffer.from(value),
  requestDeserialize: (bytes: Buffer) => bytes.toString(),
  responseSerialize: (value: string) => Buffer.from(value),
  responseDeserialize: (bytes: Buffer) => bytes.toString(),
} satisfies grpc.MethodDefinition<string, string>

let pki: ReturnType<typeof selfSigned>
let server: grpc.Server
let address: string
const received: (string | undefined)[] = []

beforeAll(async () => {
  pki = selfSigned()
  server = new grpc.Server()
  server.addService(
    { say: text },
    {
      say(call: grpc.ServerUnaryCall<string, string>, done: grpc.sendUnaryData<string>): void {
        const authorization = call.metadata.get('authorization')[0]?.toString()
        received.push(authorization)
        if (authorization === 'Bearer token-1') {
          done({ code: grpc.status.UNAUTHENTICATED, details: 'no' })
          return
        }
        done(null, `${call.request}!`)
      },
    },
  )
  const credentials = grpc.ServerCredentials.createSsl(null, [
    { private_key: pki.key, cert_chain: pki.cert },
  ])
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    )
  })
  address = `127.0.0.1:${port}`
})
afterAll(() => server.forceShutdown())

/** A function that calls the server with these call credentials. */
function caller(credentials: grpc.CallCredentials): (message: string) => Promise<string> {
  received.length = 0
  const Echo = grpc.makeGenericClientConstructor({ say: text }, 'Echo')
  const channel = grpc.credentials.createSsl(pki.cert)
  const client = new Echo(
    address,
    grpc.credentials.combineChannelCredentials(channel, credentials),
    { 'grpc.ssl_target_name_override': 'localhost', 'grpc.default_authority': 'localhost' },
  )
  onTestFinished(() => client.close())
  const say = client['say']?.bind(client) as (
    message: string,
    done: (error: Error | null, answer: string) => void,
  ) => void
  return (message) =>
    new Promise((resolve, reject) => {
      say(message, (error, answer) => (error === null ? resolve(answer) : reject(error)))
    })
}

function counting(first: number): { source: TokenSource; readonly requests: () => number } {
  let requests = 0
  const source = reuse(
    async () => new AccessToken({ value: `token-${first + requests++}`, obtainedAt: Date.now() }),
  )
  return { source, requests: () => requests }
}

describe.runIf(hasOpenssl)('callCredentials', () => {
  it('puts the token on every call over TLS', async () => {
    const { source, requests } = counting(2)
    const say = caller(callCredentials(source, grpc))
    expect(await Promise.all(['a', 'b', 'c'].map(say))).toEqual(['a!', 'b!', 'c!'])
    expect(received).toEqual(['Bearer token-2', 'Bearer token-2', 'Bearer token-2'])
    expect(requests()).toBe(1)
  })

  it.each([
    [
      'UNAVAILABLE',
      'an outage',
      () => Promise.reject(new TransportError('ERR_TIMEOUT', 'no answer', { phase: 'token' })),
    ],
    ['UNAUTHENTICATED', 'a foreign failure', () => Promise.reject(new Error('MARKER'))],
    ['UNAUTHENTICATED', 'no token', () => Promise.resolve(undefined as never)],
    [
      'UNAUTHENTICATED',
      'a token bound to a key',
      () => Promise.resolve(new AccessToken({ value: 'a', type: 'DPoP', obtainedAt: 0 })),
    ],
  ] as const)('ends a call with %s after %s, and sends nothing', async (status, _, source) => {
    const failed = await caller(callCredentials(source, grpc))('a').catch((error: Error) => error)
    expect(failed).toMatchObject({ code: grpc.status[status] })
    expect(String(failed)).not.toContain('MARKER')
    expect(received).toEqual([])
  })

  it('sends no token outside its origins', async () => {
    const { source, requests } = counting(2)
    const say = caller(callCredentials(source, grpc, { origins: ['https://api.example.com'] }))
    await expect(say('a')).rejects.toMatchObject({ code: grpc.status.UNAUTHENTICATED })
    expect([requests(), received.length]).toEqual([0, 0])
    const allowed = caller(callCredentials(source, grpc, { origins: ['https://localhost'] }))
    expect(await allowed('a')).toBe('a!')
  })

  it('refuses what is not the module', () => {
    expect(() => callCredentials(counting(1).source, {} as never)).toThrow("'grpc' must be")
  })
})

describe.runIf(hasOpenssl)('retryUnauthenticated', () => {
  it('renews once for many calls that were refused, and all succeed', async () => {
    const { source, requests } = counting(1)
    const say = caller(callCredentials(source, grpc))
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, at) => retryUnauthenticated(source, () => say(`${at}`))),
    )
    expect(answers).toContain('49!')
    expect(requests()).toBe(2)
  })

  it('lets the first error stand where there is no other token, and any other error', async () => {
    const token = new AccessToken({ value: 'token-1', obtainedAt: 0 })
    const source: TokenSource = async () => token
    const say = caller(callCredentials(source, grpc))
    await expect(retryUnauthenticated(source, () => say('a'))).rejects.toMatchObject({
      details: 'no',
    })
    expect(received).toHaveLength(1)
    let calls = 0
    const failing = () => Promise.reject(new Error(`other ${++calls}`))
    await expect(retryUnauthenticated(source, failing)).rejects.toThrow('other 1')
  })
})
