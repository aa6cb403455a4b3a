import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { decodeProtectedHeader } from 'jose'
import { startListener } from '@countersign/testkit'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { hasApache, startApache } from './servers/apache.ts'
import { hasHaproxy, startHaproxy } from './servers/haproxy.ts'
import {
  EC_API,
  RSA_API,
  startOurIssuer,
  statusesAt,
  type OurIssuer,
} from './servers/presented-tokens.ts'

let our: OurIssuer
let upstream: Awaited<ReturnType<typeof startListener>>
beforeAll(async () => {
  our = await startOurIssuer()
  upstream = await startListener((_request, response) => {
    response.end('orders')
  })
})
afterAll(async () => {
  await upstream.close()
  await our[Symbol.asyncDispose]()
})

const ALGORITHMS = { [EC_API]: 'ES256', [RSA_API]: 'RS256' } as const

/** The public key that signed a token, as a PEM file. */
async function pemOf(token: string): Promise<string> {
  const { kid } = decodeProtectedHeader(token)
  const response = await fetch(`${our.issuer}/jwks`)
  const { keys } = (await response.json()) as { keys: (JsonWebKey & { kid: string })[] }
  const key = keys.find((one) => one.kid === kid)
  if (key === undefined) throw new Error('the key is not published')
  return createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' }) as string
}

describe.runIf(hasHaproxy())('HAProxy with jwt_verify on our tokens', () => {
  async function startFront(api: typeof EC_API | typeof RSA_API, rules = ''): Promise<string> {
    const front = await startHaproxy(
      (port, folder) => `
frontend api
  bind 127.0.0.1:${port}
  http-request deny deny_status 401 unless { http_auth_bearer -m found }
  http-request deny deny_status 401 unless { http_auth_bearer,jwt_header_query('$.typ') -m str at+jwt }
  http-request deny deny_status 401 unless { http_auth_bearer,jwt_header_query('$.alg') -m str ${ALGORITHMS[api]} }
  http-request deny deny_status 401 unless { http_auth_bearer,jwt_verify(${ALGORITHMS[api]},"${folder}/key.pem") -m int 1 }
  http-request deny deny_status 401 unless { http_auth_bearer,jwt_payload_query('$.iss') -m str ${our.issuer} }
  http-request deny deny_status 401 unless { http_auth_bearer,jwt_payload_query('$.aud') -m str ${api} }
  http-request set-var(txn.exp) http_auth_bearer,jwt_payload_query('$.exp','int')
  http-request set-var(txn.now) date()
  http-request deny deny_status 401 unless { var(txn.exp),sub(txn.now) -m int gt 0 }
  ${rules}
  http-request deny deny_status 403 unless { http_auth_bearer,jwt_payload_query('$.scope') -m reg (^|\\ )orders:read($|\\ ) }
  default_backend orders
backend orders
  server orders ${new URL(upstream.origin).host}
`,
      { 'key.pem': await pemOf(our.tokens[api].good) },
    )
    onTestFinished(() => front[Symbol.asyncDispose]())
    return `http://127.0.0.1:${front.port}/orders`
  }

  const judged = {
    none: 401,
    good: 200,
    tampered: 401,
    'without the scope': 403,
    'for another API': 401,
    'of another issuer': 401,
    expired: 401,
  }

  it.each([RSA_API, EC_API] as const)('tells good tokens of %s from bad ones', async (api) => {
    const { bound: _bound, ...others } = await statusesAt(await startFront(api), our.tokens[api])
    expect(others).toEqual(judged)
  })

  it('takes a bound token as a bearer token, which it should not, unless a rule refuses cnf', async () => {
    expect(await statusesAt(await startFront(RSA_API), our.tokens[RSA_API])).toMatchObject({
      bound: 200,
    })
    const rule = `http-request deny deny_status 401 if { http_auth_bearer,jwt_payload_query('$.cnf.jkt') -m found }`
    expect(await statusesAt(await startFront(RSA_API, rule), our.tokens[RSA_API])).toEqual({
      ...judged,
      bound: 401,
    })
  })
})

describe.runIf(hasApache())('Apache with mod_oauth2 on our tokens', () => {
  async function startFront(
    verify: string,
    api: string,
    issuer = `Require oauth2_claim iss:${our.issuer}`,
  ): Promise<string> {
    const front = await startApache(
      () => `
<Location "/">
  AuthType oauth2
  OAuth2TokenVerify ${verify}
  OAuth2TargetPass remote_user_claim=sub
  <RequireAll>
    Require oauth2_claim scope:orders:read
    Require oauth2_claim aud:${api}
    ${issuer}
  </RequireAll>
  ProxyPass ${upstream.origin}/
</Location>
`,
    )
    onTestFinished(() => front[Symbol.asyncDispose]())
    return `http://127.0.0.1:${front.port}/orders`
  }

  /** It answers a missing scope with 401, too. */
  const judged = {
    none: 401,
    good: 200,
    tampered: 401,
    'without the scope': 401,
    'for another API': 401,
    'of another issuer': 401,
    expired: 401,
  }

  const byKeys = (): string => `jwks_uri ${our.issuer}/jwks iss=${our.issuer}&verify.exp=required`
  function byIntrospection(): string {
    const secret = encodeURIComponent(our.running.secrets['gateway'] ?? '')
    return `introspect ${our.issuer}/introspect introspect.auth=client_secret_basic&client_id=gateway&client_secret=${secret}`
  }

  it.each([RSA_API, EC_API] as const)(
    'tells good tokens of %s from bad ones, by our JWKS',
    async (api) => {
      const url = await startFront(byKeys(), api)
      const { bound: _bound, ...others } = await statusesAt(url, our.tokens[api])
      expect(others).toEqual(judged)
    },
  )

  it('takes any issuer with the same key, which it should not, unless a rule demands the issuer', async () => {
    const url = await startFront(byKeys(), RSA_API, '')
    const statuses = await statusesAt(url, our.tokens[RSA_API])
    expect(statuses).toMatchObject({ good: 200, 'of another issuer': 200 })
  })

  it('tells good tokens from bad ones, by our introspection endpoint', async () => {
    const url = await startFront(byIntrospection(), RSA_API)
    const { bound: _bound, ...others } = await statusesAt(url, our.tokens[RSA_API])
    expect(others).toEqual(judged)
  })

  it('takes a bound token as a bearer token, which it should not: it does not look at cnf.jkt', async () => {
    for (const verify of [byKeys(), byIntrospection()]) {
      const url = await startFront(verify, RSA_API)
      expect(await statusesAt(url, our.tokens[RSA_API])).toMatchObject({ bound: 200 })
    }
  })

  it('does not know the scheme DPoP, so a bound token that comes as it should is refused', async () => {
    const url = await startFront(byKeys(), RSA_API)
    const { bound } = our.tokens[RSA_API]
    const headers = {
      authorization: `DPoP ${bound}`,
      dpop: our.key.proof(url, bound, Date.now()),
    }
    expect((await fetch(url, { headers })).status).toBe(401)
  })
})
