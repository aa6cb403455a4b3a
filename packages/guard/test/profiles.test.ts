import { createGuard, type Guard, type GuardOptions, type ProfileName } from '@countersign/guard'
import type { JsonObject } from '@countersign/protocol'
import {
  PROVIDER_TOKENS,
  proofMint,
  type ProviderToken,
  type TokenMint,
} from '@countersign/testkit/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AUDIENCE, bearer, startScriptedIssuer, type ScriptedIssuer } from './scripted-issuer.ts'

const PROFILES = ['rfc9068', 'keycloak', 'entra', 'auth0', 'okta', 'cognito', 'fapi2'] as const
/** The client of the fixture. */
const COGNITO = '1example23456789'

let issuer: ScriptedIssuer
/** Signs as the provider does. */
let mint: TokenMint
beforeAll(async () => {
  issuer = await startScriptedIssuer()
  mint = issuer.newMint('rsa', 'RS256')
  issuer.publish(mint, issuer.mint)
})
afterAll(() => issuer[Symbol.asyncDispose]())

function guardFor(profile: ProfileName, options: Partial<GuardOptions> = {}): Guard {
  return createGuard({
    issuer: issuer.origin,
    profile,
    audience: AUDIENCE,
    jwksUri: `${issuer.origin}/jwks`,
    now: issuer.clock.now,
    ...(profile === 'cognito' && { clients: [COGNITO] }),
    ...(profile === 'fapi2' && { dpop: {} }),
    ...options,
  })
}

async function ask(guard: Guard, token: string): Promise<string> {
  const verdict = await guard(bearer(token))
  return verdict.allowed ? 'allowed' : `${verdict.status} ${verdict.reason}`
}

function tokenOf(provider: string, kind: ProviderToken['kind'] = 'client'): ProviderToken {
  const found = PROVIDER_TOKENS.find((one) => one.provider === provider && one.kind === kind)
  if (found === undefined) throw new Error(`there is no ${kind} of ${provider}`)
  return found
}

/** What becomes of a provider's good token with these claims changed. */
async function changed(provider: string, overrides: JsonObject): Promise<string> {
  const token = tokenOf(provider)
  return ask(guardFor(token.profile), token.token(mint, overrides))
}

const of = (kind: ProviderToken['kind']): readonly ProviderToken[] =>
  PROVIDER_TOKENS.filter((one) => one.kind === kind)

describe('the profiles of a guard', () => {
  it.each(of('client'))(
    "take a client's token of $provider and know the client",
    async ({ profile, principal, token }) => {
      const verdict = await guardFor(profile)(bearer(token(mint)), {
        scope: { all: ['orders:read'] },
      })
      expect(verdict).toMatchObject({ allowed: true, token: { issuer: issuer.origin } })
      expect(verdict.allowed && verdict.principal).toEqual(principal)
    },
  )

  it.each(of('user'))(
    "know a user's token of $provider, and take it only where users are taken [std:102] [std:231]",
    async ({ profile, principal, token }) => {
      const guard = guardFor(profile)
      expect(await ask(guard, token(mint))).toBe('403 principal_kind')
      const verdict = await guard(bearer(token(mint)), { principal: 'user' })
      expect(verdict.allowed && verdict.principal).toEqual(principal)
    },
  )

  it.each(of('id token').flatMap((one) => PROFILES.map((profile) => ({ ...one, under: profile }))))(
    'refuse an ID token of $provider under $under, though it is for this API',
    async ({ token, under }) => {
      const guard = guardFor(under, under === 'fapi2' ? {} : { algorithms: ['RS256'] })
      expect(await ask(guard, token(mint))).toBe(
        under === 'fapi2' ? '401 algorithm_not_allowed' : '401 wrong_type',
      )
    },
  )

  it.each(of('client'))(
    'refuse a token of $provider that is for another API or by another issuer',
    async ({ profile, token }) => {
      const guard = guardFor(profile)
      expect(await ask(guard, token(mint, { aud: 'https://other.example' }))).toBe(
        '401 wrong_audience',
      )
      expect(await ask(guard, token(mint, { iss: 'https://other.example' }))).toBe(
        '401 wrong_issuer',
      )
      expect(await ask(guard, token(mint, { iss: `${issuer.origin}/` }))).toBe('401 wrong_issuer')
      expect(await ask(guard, token(mint, { exp: 1 }))).toBe('401 expired')
    },
  )

  it.each(of('client'))(
    'take a token of $provider under no profile but its own, unless it is of RFC 9068',
    async ({ profile, provider, token }) => {
      const taken: string[] = []
      for (const other of PROFILES) {
        const options: Partial<GuardOptions> = other === 'fapi2' ? {} : { algorithms: ['RS256'] }
        const verdict = await guardFor(other, options)(bearer(token(mint)), { principal: 'any' })
        if (verdict.allowed) taken.push(other)
      }
      // Auth0's other dialect is RFC 9068's, but for the subject: a user's, by that.
      const others = provider === 'Auth0, RFC 9068' ? ['rfc9068'] : []
      expect(taken).toEqual([...others, profile].toSorted(byPlace))
    },
  )

  it.each(of('client'))(
    'refuse a token of $provider that lacks any claim that matters, or has it of another type',
    async ({ profile, token }) => {
      const guard = guardFor(profile)
      const claims = ['iss', 'sub', 'exp', 'iat', ...(profile === 'cognito' ? [] : ['aud'])]
      for (const claim of claims) {
        for (const value of [undefined, null, 7.5, ['x'], {}]) {
          // A list is a good `aud`, a number a good time.
          if (claim === 'aud' && Array.isArray(value)) continue
          if ((claim === 'exp' || claim === 'iat') && typeof value === 'number') continue
          const verdict = await ask(guard, token(mint, { [claim]: value }))
          // Without its subject a client is no longer known to be one.
          expect([claim, value, verdict]).toEqual([claim, value, '401 malformed_claims'])
        }
      }
    },
  )

  it('refuse a name that is no profile, with the nearest one', () => {
    expect(() => guardFor('keyclock' as ProfileName)).toThrow(
      expect.objectContaining({
        option: 'profile',
        message: expect.stringContaining("did you mean 'keycloak'?"),
      }),
    )
  })
})

describe('the profile keycloak', () => {
  it('is not misled by a user who is named like a service account', async () => {
    const { token, profile } = tokenOf('Keycloak', 'user')
    const named = { preferred_username: 'service-account-billing' }
    for (const overrides of [
      named,
      { ...named, auth_time: undefined, sid: undefined },
      { ...named, client_id: 'billing' },
    ]) {
      expect(await ask(guardFor(profile), token(mint, overrides))).toBe('403 principal_kind')
    }
  })

  it('knows the client of older releases by clientId, and whatever case its name has', async () => {
    const older = { client_id: undefined, clientId: 'billing' }
    expect(await changed('Keycloak', older)).toBe('allowed')
    const upper = { azp: 'Billing', client_id: 'Billing' }
    expect(await changed('Keycloak', upper)).toBe('allowed')
    expect(await changed('Keycloak', { client_id: 'other' })).toBe('403 principal_kind')
    expect(await changed('Keycloak', { azp: undefined })).toBe('401 malformed_claims')
  })

  it.each(['Refresh', 'Offline', 'Logout', 'ID', 'bearer', 7, undefined])(
    'takes no token of the kind %s',
    async (typ) => {
      expect(await changed('Keycloak', { typ })).toBe('401 wrong_type')
    },
  )

  it('takes the roles that are at this API, and no others', async () => {
    const token = tokenOf('Keycloak')
    const rolesWith = async (overrides: JsonObject, audience: readonly string[] = [AUDIENCE]) => {
      const verdict = await guardFor('keycloak', { audience })(bearer(token.token(mint, overrides)))
      return verdict.allowed ? [...(verdict.principal.roles ?? [])] : verdict.reason
    }
    expect(await rolesWith({ resource_access: undefined })).toEqual([])
    // Of the API's audiences only those count that the token is for.
    expect(await rolesWith({ aud: AUDIENCE }, [AUDIENCE, 'account'])).toEqual(['reader'])
    expect(await rolesWith({}, [AUDIENCE, 'account'])).toContain('manage-account')
    expect(await rolesWith({ resource_access: 'all' })).toBe('malformed_claims')
    expect(await rolesWith({ resource_access: { [AUDIENCE]: { roles: 'all' } } })).toBe(
      'malformed_claims',
    )
    expect(await rolesWith({ resource_access: { [AUDIENCE]: { roles: [{}] } } })).toBe(
      'malformed_claims',
    )
  })

  it('takes the member that it adds to cnf, with the value it has, and only there [field:66]', async () => {
    const proofs = proofMint()
    const cnf = { jkt: proofs.thumbprint, 'kc-jkt-type': 'DPoP' }
    const token = tokenOf('Keycloak').token
    const call = async (profile: ProfileName, claims: JsonObject): Promise<string> => {
      const accessToken =
        profile === 'keycloak'
          ? token(mint, claims)
          : mint.token({ claims: { ...claims, typ: undefined } })
      const guard = guardFor(profile, { dpop: { baseUrl: 'https://api.example' } })
      const url = 'https://api.example/orders/1'
      const headers = new Headers({
        authorization: `DPoP ${accessToken}`,
        dpop: proofs.proof(url, accessToken, issuer.clock.now()),
      })
      const verdict = await guard({ method: 'GET', url, headers })
      return verdict.allowed ? 'allowed' : `${verdict.status} ${verdict.reason}`
    }
    expect(await call('keycloak', { typ: 'DPoP', cnf })).toBe('allowed')
    expect(await call('keycloak', { typ: 'DPoP', cnf: { ...cnf, 'kc-jkt-type': 'Other' } })).toBe(
      '401 binding_unsupported',
    )
    expect(await call('keycloak', { typ: 'DPoP', cnf: { ...cnf, other: 'DPoP' } })).toBe(
      '401 binding_unsupported',
    )
    expect(await call('keycloak', { typ: 'DPoP', cnf: { 'kc-jkt-type': 'DPoP' } })).toBe(
      '401 wrong_type',
    )
    expect(await call('keycloak', { cnf: { 'kc-jkt-type': 'DPoP' } })).toBe(
      '401 binding_unsupported',
    )
    expect(await call('keycloak', { typ: 'DPoP', cnf: undefined })).toBe('401 wrong_type')
    expect(await call('rfc9068', { cnf })).toBe('401 binding_unsupported')
  })
})

describe('the profile entra', () => {
  it('goes by idtyp where there is one, and refuses what contradicts it', async () => {
    for (const version of ['Entra 1.0', 'Entra 2.0']) {
      expect(await changed(version, { idtyp: 'app' })).toBe('allowed')
      expect(await changed(version, { idtyp: 'app', sub: '/eid1/c/pub/t/a' })).toBe('allowed')
      expect(await changed(version, { idtyp: 'app', scp: 'orders:read' })).toBe(
        '401 malformed_claims',
      )
      expect(await changed(version, { idtyp: 'user' })).toBe('403 principal_kind')
      expect(await changed(version, { idtyp: 'device' })).toBe('403 principal_kind')
      expect(await changed(version, { sub: 'other' })).toBe('403 principal_kind')
      expect(await changed(version, { scp: 'orders:read' })).toBe('403 principal_kind')
    }
  })

  it('takes no token of a version that it does not know, or that does not say how the client came', async () => {
    expect(await changed('Entra 2.0', { ver: '3.0' })).toBe('401 wrong_type')
    expect(await changed('Entra 2.0', { ver: '1.0' })).toBe('401 wrong_type')
    expect(await changed('Entra 2.0', { ver: undefined })).toBe('401 wrong_type')
    expect(await changed('Entra 2.0', { azpacr: undefined })).toBe('401 wrong_type')
    expect(await changed('Entra 1.0', { appidacr: undefined })).toBe('401 wrong_type')
    expect(await changed('Entra 2.0', { nonce: 'a' })).toBe('401 wrong_type')
    expect(await changed('Entra 2.0', { appid: 'another' })).toBe('401 malformed_claims')
  })

  it('reads no scopes of a client from scp, and no malformed roles', async () => {
    expect(await changed('Entra 2.0', { roles: 'orders:read' })).toBe('401 malformed_claims')
    expect(await changed('Entra 2.0', { roles: ['orders:read orders:write'] })).toBe(
      '401 malformed_claims',
    )
    const { token, profile } = tokenOf('Entra 2.0')
    const none = await guardFor(profile)(bearer(token(mint, { roles: undefined })))
    expect(none.allowed && none.principal.scopes).toEqual(new Set())
  })

  it.each(['common', 'organizations', 'consumers', '{tenantid}'])(
    'is for one tenant: not %s',
    (tenant) => {
      const wrong = `https://login.microsoftonline.com/${tenant}/v2.0`
      expect(() => guardFor('entra', { issuer: wrong })).toThrow(
        expect.objectContaining({ option: 'issuer' }),
      )
    },
  )

  it('takes the identifier of a token from uti, or the digest of what was signed', async () => {
    const { token, profile } = tokenOf('Entra 2.0')
    const idOf = async (text: string): Promise<unknown> => {
      const verdict = await guardFor(profile)(bearer(text))
      return verdict.allowed && verdict.token.id
    }
    expect(await idOf(token(mint))).toBe('DTC1G0ijhESz2e3QkNyXAA')
    const without = token(mint, { uti: undefined })
    const digest = await idOf(without)
    expect(digest).toMatch(/^[\w-]{43}$/)
    expect(await idOf(without)).toBe(digest)
    expect(await idOf(token(mint, { uti: undefined, aio: 'b' }))).not.toBe(digest)
    expect(await changed('Entra 2.0', { uti: 7 })).toBe('401 malformed_claims')
  })
})

describe('the profile auth0', () => {
  it('wants grant and subject to agree', async () => {
    expect(await changed('Auth0', { gty: 'password' })).toBe('401 malformed_claims')
    expect(await changed('Auth0', { sub: 'auth0|1' })).toBe('401 malformed_claims')
    expect(await changed('Auth0', { sub: 'other@clients' })).toBe('401 malformed_claims')
    expect(await changed('Auth0', { gty: undefined })).toBe('allowed')
    expect(await changed('Auth0, RFC 9068', { sub: 'other@clients' })).toBe('401 malformed_claims')
    expect(await changed('Auth0, RFC 9068', { sub: 'auth0|1' })).toBe('403 principal_kind')
    expect(await changed('Auth0', { client_id: 'another' })).toBe('401 malformed_claims')
    expect(await changed('Auth0', { permissions: 'orders:read' })).toBe('401 malformed_claims')
  })

  it('takes no JWT that nothing marks as an access token', async () => {
    expect(await changed('Auth0', { gty: undefined, scope: undefined })).toBe('401 wrong_type')
    for (const mark of ['nonce', 'at_hash', 'c_hash', 's_hash']) {
      expect(await changed('Auth0', { [mark]: 'a' })).toBe('401 wrong_type')
    }
  })

  it('reads scopes from scope, and permissions beside them', async () => {
    const { token, profile } = tokenOf('Auth0')
    const text = token(mint, { permissions: ['orders:read', 'orders:write'] })
    const verdict = await guardFor(profile)(bearer(text), { scope: { all: ['orders:write'] } })
    expect(verdict).toMatchObject({ allowed: false, reason: 'insufficient_scope' })
  })
})

describe('the profile okta', () => {
  it('knows a client by its subject, and refuses what contradicts it', async () => {
    expect(await changed('Okta', { uid: '00u' })).toBe('401 malformed_claims')
    expect(await changed('Okta', { sub: 'ada@shop.example' })).toBe('403 principal_kind')
    expect(await changed('Okta', { cid: undefined })).toBe('401 wrong_type')
    expect(await changed('Okta', { scp: 'orders:read' })).toBe('401 wrong_type')
    expect(await changed('Okta', { scp: [1] })).toBe('401 malformed_claims')
    expect(await changed('Okta', { jti: 'ID.1' })).toBe('401 wrong_type')
  })
})

describe('the profile cognito', () => {
  it('needs the clients whose tokens are taken', () => {
    expect(() => guardFor('cognito', { clients: undefined as never })).toThrow(
      expect.objectContaining({ code: 'ERR_ARGUMENT_MISSING', option: 'clients' }),
    )
    for (const clients of [[], 'one', ['']]) {
      expect(() => guardFor('cognito', { clients: clients as never })).toThrow(
        expect.objectContaining({ name: 'ArgumentError' }),
      )
    }
    expect(() => guardFor('okta', { clients: [COGNITO] })).toThrow(
      expect.objectContaining({ option: 'clients' }),
    )
  })

  it('takes tokens of those clients alone', async () => {
    const { token } = tokenOf('Cognito')
    const guard = guardFor('cognito', { clients: ['another'] })
    expect(await ask(guard, token(mint))).toBe('401 wrong_audience')
    expect(await changed('Cognito', { client_id: 'another', sub: 'another' })).toBe(
      '401 wrong_audience',
    )
  })

  it('holds a token to the API that it names, where it names one', async () => {
    expect(await changed('Cognito', { aud: AUDIENCE })).toBe('allowed')
    expect(await changed('Cognito', { aud: 'https://other.example' })).toBe('401 wrong_audience')
    expect(await changed('Cognito', { aud: [] })).toBe('401 malformed_claims')
    expect(await changed('Cognito', { aud: null })).toBe('401 malformed_claims')
    const { token, profile } = tokenOf('Cognito')
    const verdict = await guardFor(profile)(bearer(token(mint)))
    expect(verdict.allowed && verdict.token.audience).toEqual([])
  })

  it('refuses what contradicts itself, and other uses of a token', async () => {
    expect(await changed('Cognito', { username: 'ada' })).toBe('401 malformed_claims')
    expect(await changed('Cognito', { token_use: 'id' })).toBe('401 wrong_type')
    expect(await changed('Cognito', { token_use: undefined })).toBe('401 wrong_type')
  })
})

describe('introspection under a profile', () => {
  it.each(['entra', 'auth0', 'cognito'] as const)('does not go with %s', (profile) => {
    const introspection = { clientId: 'a', clientSecret: 'b' }
    expect(() => guardFor(profile, { introspection })).toThrow(
      expect.objectContaining({ option: 'introspection' }),
    )
  })
})

function byPlace(one: string, other: string): number {
  const names: readonly string[] = PROFILES
  return names.indexOf(one) - names.indexOf(other)
}
