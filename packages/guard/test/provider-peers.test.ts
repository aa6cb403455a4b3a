import { generateKeyPairSync } from 'node:crypto'
import { createGuard, type GuardOptions, type ProfileName } from '@countersign/guard'
import type { JsonObject } from '@countersign/protocol'
import { PROVIDER_TOKENS, type TokenMint } from '@countersign/testkit/contracts'
import { describe, expect, it } from 'vitest'
import { AUDIENCE, bearer, startScriptedIssuer, type ScriptedIssuer } from './scripted-issuer.ts'

/** What providers do in a way of their own, beyond the claims of their tokens. */
async function start(): Promise<{ issuer: ScriptedIssuer; mint: TokenMint }> {
  const issuer = await startScriptedIssuer()
  const mint = issuer.newMint('rsa', 'RS256')
  issuer.publish(mint)
  return { issuer, mint }
}

async function ask(
  { issuer }: { readonly issuer: ScriptedIssuer },
  token: string,
  options: Partial<GuardOptions>,
): Promise<string> {
  const guard = createGuard({
    issuer: issuer.origin,
    audience: AUDIENCE,
    jwksUri: `${issuer.origin}/jwks`,
    now: issuer.clock.now,
    ...options,
  })
  const verdict = await guard(bearer(token))
  return verdict.allowed ? 'allowed' : `${verdict.status} ${verdict.reason}`
}

function tokenOf(profile: ProfileName, mint: TokenMint, claims: JsonObject = {}): string {
  const found = PROVIDER_TOKENS.find((one) => one.profile === profile && one.kind === 'client')
  if (found === undefined) throw new Error(`there is none of ${profile}`)
  return found.token(mint, claims)
}

function rsaKey(members: JsonObject): { readonly jwk: JsonObject } {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { jwk: { ...publicKey.export({ format: 'jwk' }), ...members } }
}

describe('peers of interoperation', () => {
  it('Keycloak publishes a key for encryption under the same roof, and certificates', async () => {
    const made = await start()
    await using issuer = made.issuer
    const certificates = { x5c: ['MIICmzCCAYMCBg=='], x5t: 'a', 'x5t#S256': 'b' }
    issuer.publish(rsaKey({ kid: 'enc', alg: 'RSA-OAEP', use: 'enc', ...certificates }), {
      jwk: { ...made.mint.jwk, ...certificates },
    })
    expect(await ask(made, tokenOf('keycloak', made.mint), { profile: 'keycloak' })).toBe('allowed')
  })

  it('Entra publishes keys without alg, with an issuer of their own', async () => {
    const made = await start()
    await using issuer = made.issuer
    const { alg: _, ...jwk } = made.mint.jwk
    const extra = { x5t: 'a', x5c: ['MIIC'], cloud_instance_name: 'microsoftonline.com' }
    issuer.publish({ jwk: { ...jwk, ...extra, issuer: issuer.origin } }, rsaKey({ kid: 'b' }))
    expect(await ask(made, tokenOf('entra', made.mint), { profile: 'entra' })).toBe('allowed')
  })

  it('Entra has an issuer for each version, and one is not the other', async () => {
    const made = await start()
    await using issuer = made.issuer
    const other = { iss: `${issuer.origin}/v2.0` }
    expect(await ask(made, tokenOf('entra', made.mint, other), { profile: 'entra' })).toBe(
      '401 wrong_issuer',
    )
  })

  it('Auth0 names several audiences, and may sign with a secret, which is refused', async () => {
    const made = await start()
    await using issuer = made.issuer
    const aud = [AUDIENCE, `${issuer.origin}/userinfo`]
    const options = { profile: 'auth0' } as const
    expect(await ask(made, tokenOf('auth0', made.mint, { aud }), options)).toBe('allowed')
    expect(await ask(made, tokenOf('auth0', made.mint, { aud: aud.slice(1) }), options)).toBe(
      '401 wrong_audience',
    )
    const hs256 = made.mint.sign(
      { alg: 'HS256', typ: 'JWT', kid: made.mint.kid },
      made.mint.claims({ azp: 'a', gty: 'client-credentials', sub: 'a@clients' }),
    )
    expect(await ask(made, hs256, options)).toBe('401 algorithm_not_allowed')
  })

  it("Okta's organization server issues tokens for Okta alone: of another issuer, for another API", async () => {
    const made = await start()
    await using issuer = made.issuer
    const organization = 'https://shop.okta.com'
    const options = { profile: 'okta' } as const
    const token = tokenOf('okta', made.mint, { iss: organization, aud: organization })
    expect(await ask(made, token, options)).toBe('401 wrong_issuer')
    const forOkta = tokenOf('okta', made.mint, { aud: issuer.origin })
    expect(await ask(made, forOkta, options)).toBe('401 wrong_audience')
  })

  it('ZITADEL and Logto give opaque tokens unless told otherwise, which nobody takes for JWTs', async () => {
    const made = await start()
    await using _ = made.issuer
    for (const token of ['V4IgYhm6pBhOuuCEcSNjFCYDUYVG6Hhuyx', 'opaque.with-one-dot']) {
      expect(await ask(made, token, {})).toBe('401 malformed_token')
    }
  })
})
