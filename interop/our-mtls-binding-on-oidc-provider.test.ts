import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, fetch as undiciFetch } from 'undici'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { certificateBound, certificateThumbprint } from '@countersign/client/sender-constraint'
import { createClient, type FetchFunction } from '@countersign/client'
import { API, startBoundOidcProvider } from './servers/oidc-provider-bound.ts'
import { startCertificateApi } from './servers/certificate-api.ts'
import { hasProgram } from './servers/machine.ts'

const hasOpenssl = hasProgram('openssl')

const SECRET = 'a-secret-of-no-other-use'

interface Identity {
  readonly cert: string
  readonly key: string
}

/** A self-signed certificate. Node can make none, so this needs openssl. */
function identity(folder: string, name: string): Identity {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  const names = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1']
  execFileSync('openssl', ['req', '-x509', ...kind, ...names, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  })
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
}

let folder: string
let server: Identity
let client: Identity
let other: Identity
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-'))
  server = identity(folder, 'server')
  client = identity(folder, 'client')
  other = identity(folder, 'other')
})
afterAll(() => rmSync(folder, { recursive: true }))

/** A `fetch` over connections that present this identity. */
function connectionOf({ cert, key }: Identity): FetchFunction {
  const dispatcher = new Agent({ connect: { cert, key, ca: server.cert } })
  onTestFinished(() => dispatcher.close())
  return (input, init) =>
    undiciFetch(input as never, { ...(init as object), dispatcher }) as unknown as Promise<Response>
}

async function guardedApi(issuer: string, connection: FetchFunction): Promise<string> {
  const api = await startCertificateApi(issuer, { connection, tls: server })
  onTestFinished(() => api[Symbol.asyncDispose]())
  return api.origin
}

async function started() {
  const provider = await startBoundOidcProvider({ secret: SECRET, tls: server })
  onTestFinished(() => provider[Symbol.asyncDispose]())
  const { issuer } = provider
  const options = {
    issuer,
    clientId: 'mtls-client',
    clientSecret: SECRET,
    resource: API,
    scope: 'read',
  }
  return { provider, issuer, options }
}

describe.runIf(hasOpenssl)('our certificate-bound tokens on oidc-provider', () => {
  it('are had and used over connections of one certificate', async () => {
    const { provider, issuer, options } = await started()
    const connection = connectionOf(client)
    const api = await guardedApi(issuer, connection)
    const constraint = certificateBound({
      fetch: connection,
      thumbprint: await certificateThumbprint(client.cert),
    })
    const auth = createClient({ ...options, fetch: connection, senderConstraint: constraint })
    for (const path of ['/a', '/b']) {
      const response = await auth.fetch(`${api}${path}`, { method: 'POST', body: 'x' })
      expect(await response.text()).toBe('mtls-client')
    }
    const { cnf } = JSON.parse(
      Buffer.from((await auth.getToken()).value.split('.')[1] ?? '', 'base64url').toString(),
    ) as { cnf: Record<string, string> }
    expect(await constraint.binding()).toBe(`x5t#S256:${cnf['x5t#S256']}`)
    expect(provider.statuses).toEqual([200])
  })

  it('are renewed once on the new connection after the certificate was replaced', async () => {
    const { provider, issuer, options } = await started()
    const old = connectionOf(client)
    const renewed = connectionOf(other)
    const api = await guardedApi(issuer, old)
    let current = old
    const fetch: FetchFunction = (input, init) => current(input, init)
    const thumbprint = () => certificateThumbprint((current === old ? client : other).cert)
    const senderConstraint = certificateBound({ fetch, thumbprint })
    const auth = createClient({ ...options, fetch, senderConstraint })
    expect((await auth.fetch(api)).status).toBe(200)
    current = renewed
    const all = await Promise.all(Array.from({ length: 10 }, () => auth.fetch(api)))
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 200))
    expect(provider.statuses).toEqual([200, 200])
  })

  it('are not given without a certificate', async () => {
    const { options } = await started()
    const dispatcher = new Agent({ connect: { ca: server.cert } })
    onTestFinished(() => dispatcher.close())
    const fetch: FetchFunction = (input, init) =>
      undiciFetch(input as never, {
        ...(init as object),
        dispatcher,
      }) as unknown as Promise<Response>
    await expect(createClient({ ...options, fetch }).getToken()).rejects.toMatchObject({
      code: 'ERR_REFUSED',
    })
  })
})
