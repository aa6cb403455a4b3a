import { once } from 'node:events'
import { createServer as createHttpServer, request as httpRequest } from 'node:http'
import { createServer as createHttpsServer, request as httpsRequest } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { X509Certificate } from 'node:crypto'
import { connect as tlsConnect } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  certificateFromSocket,
  hasSubject,
  proxyCertificates,
  type ProxiedCertificateReading,
} from '@countersign/verify'
import { certificateThumbprint } from '@countersign/client/sender-constraint'
import { CERTIFICATE_HEADER, hasNginx, startNginx, VERDICT_HEADER } from './servers/nginx.ts'
import { CLIENT_NAME, makeTestPki, type Identity, type TestPki } from './servers/test-pki.ts'

const pki = await makeTestPki()
const { ca, server, client, otherClient, selfSigned } = (pki ?? {}) as TestPki

/** What a server saw of the certificate, as text: the other half of the test is in another place. */
function gist(reading: ProxiedCertificateReading): string {
  if (reading.kind === 'digest') return 'digest'
  if (reading.kind !== 'presented') return reading.kind === 'none' ? 'none' : reading.reason
  const { thumbprint, verified, ...certificate } = reading.certificate
  const name = hasSubject(certificate, { sanDns: CLIENT_NAME }) ? 'billing' : 'somebody'
  return `${verified ? 'verified' : 'unverified'} ${name} ${certificate.subjectDn} ${thumbprint}`
}

async function listening(made: Server): Promise<number> {
  made.listen(0, '127.0.0.1')
  await once(made, 'listening')
  onTestFinished(() => {
    made.close()
  })
  return (made.address() as AddressInfo).port
}

interface Call {
  readonly port: number
  readonly identity?: Identity
  readonly headers?: Record<string, string>
}

function callTls({ port, identity, headers = {} }: Call): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const tls = { ca, agent: false, ...identity }
  httpsRequest({ host: '127.0.0.1', port, headers, ...tls }, (response) => {
    let text = ''
    response.on('data', (chunk: Buffer) => (text += chunk.toString()))
    response.on('end', () => resolve(text))
  })
    .on('error', reject)
    .end()
  return promise
}

const gistOf = async (name: string, { cert }: Identity, isKnown = true): Promise<string> =>
  `${isKnown ? 'verified' : 'unverified'} ${name} ${await certificateThumbprint(cert)}`

describe.runIf(pki !== undefined)('certificateFromSocket of a TLS server of node:https', () => {
  async function start(): Promise<number> {
    const options = { ...server, ca, requestCert: true, rejectUnauthorized: false }
    return listening(
      createHttpsServer(options, (incoming, outgoing) => {
        void certificateFromSocket(incoming.socket).then((reading) => outgoing.end(gist(reading)))
      }),
    )
  }

  it('reads who is at the other end, and whether its chain is good [std:130] [std:133]', async () => {
    const port = await start()
    expect(await callTls({ port, identity: client })).toBe(
      await gistOf('billing CN=client', client),
    )
    expect(await callTls({ port, identity: otherClient })).toBe(
      await gistOf('somebody CN=other', otherClient),
    )
    expect(await callTls({ port, identity: selfSigned })).toBe(
      await gistOf('somebody CN=self', selfSigned, false),
    )
    expect(await callTls({ port })).toBe('none')
  })

  it('reads it on a resumed session too', async () => {
    const port = await start()
    const ask = (session?: Buffer): Promise<{ text: string; session: Buffer; reused: boolean }> => {
      const { promise, resolve, reject } = Promise.withResolvers<never>()
      const socket = tlsConnect({ port, host: '127.0.0.1', ca, session, ...client })
      let text = ''
      let latest = Buffer.alloc(0)
      socket.on('session', (given) => (latest = given))
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
      socket.on('end', () =>
        resolve({ text, session: latest, reused: socket.isSessionReused() } as never),
      )
      socket.on('error', reject)
      socket.write('GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')
      return promise
    }
    const first = await ask()
    const second = await ask(first.session)
    expect([first.reused, second.reused]).toEqual([false, true])
    for (const { text } of [first, second]) {
      expect(text).toContain(await gistOf('billing CN=client', client))
    }
  })

  it('finds none where there is no TLS', async () => {
    const plain = createHttpServer((incoming, outgoing) => {
      void certificateFromSocket(incoming.socket).then((reading) => outgoing.end(gist(reading)))
    })
    const port = await listening(plain)
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('none')
  })
})

describe.runIf(pki !== undefined && hasNginx())('proxyCertificates behind nginx', () => {
  /** An API behind nginx, and the port by which it can be called past nginx. */
  async function start(): Promise<{ readonly port: number; readonly behind: number }> {
    const read = proxyCertificates({
      format: 'escaped-pem',
      header: CERTIFICATE_HEADER,
      verified: { header: VERDICT_HEADER, value: 'SUCCESS' },
      trustedProxies: ['127.0.0.1'],
    })
    const behind = await listening(
      createHttpServer((incoming, outgoing) => {
        const headers = new Headers(incoming.headers as Record<string, string>)
        const { remoteAddress } = incoming.socket
        void read({ headers, remoteAddress }).then((reading) => outgoing.end(gist(reading)))
      }),
    )
    const upstream = `http://127.0.0.1:${behind}`
    const nginx = await startNginx({ upstream, identity: server, clientAuthority: ca })
    onTestFinished(() => nginx[Symbol.asyncDispose]())
    return { port: nginx.port, behind }
  }

  it('reads what nginx saw, and its verdict on the chain [std:133] [std:134]', async () => {
    const { port } = await start()
    expect(await callTls({ port, identity: client })).toBe(
      await gistOf('billing CN=client', client),
    )
    expect(await callTls({ port, identity: otherClient })).toBe(
      await gistOf('somebody CN=other', otherClient),
    )
    expect(await callTls({ port, identity: selfSigned })).toBe(
      await gistOf('somebody CN=self', selfSigned, false),
    )
    expect(await callTls({ port })).toBe('none')
  })

  it('gives a client that writes the headers itself nothing [std:137]', async () => {
    const { port, behind } = await start()
    const headers = {
      [CERTIFICATE_HEADER]: encodeURIComponent(client.cert),
      [VERDICT_HEADER]: 'SUCCESS',
    }
    expect(await callTls({ port, headers })).toBe('none')
    expect(await callTls({ port, headers, identity: selfSigned })).toBe(
      await gistOf('somebody CN=self', selfSigned, false),
    )
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const past = { host: '127.0.0.1', port: behind, localAddress: '127.0.0.2', headers }
    httpRequest(past, (response) => {
      response.on('data', (chunk: Buffer) => resolve(chunk.toString()))
    })
      .on('error', reject)
      .end()
    expect(await promise).toBe('untrusted_proxy')
  })

  it('agrees with OpenSSL on every certificate of the run', async () => {
    const { port } = await start()
    const nodes = new X509Certificate(client.cert)
    const seen = await callTls({ port, identity: client })
    const hex = Buffer.from(seen.split(' ').at(-1) ?? '', 'base64url').toString('hex')
    expect(hex).toBe(nodes.fingerprint256.replaceAll(':', '').toLowerCase())
  })
})
