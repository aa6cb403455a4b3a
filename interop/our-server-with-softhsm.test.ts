import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startAuthorizationServer, type RunningAuthorizationServer } from '@countersign/testkit'
import { hasSoftHsm, startSoftHsm, type SoftHsm } from './servers/soft-hsm.ts'

const resources = [
  { resource: 'urn:es', scopes: ['read'], signingAlgorithm: 'ES256' },
  { resource: 'urn:rs', scopes: ['read'], signingAlgorithm: 'RS256' },
  { resource: 'urn:ed', scopes: ['read'], signingAlgorithm: 'Ed25519' },
] as const

describe.runIf(hasSoftHsm())('our server with its keys in SoftHSM', () => {
  let hsm: SoftHsm
  let running: RunningAuthorizationServer
  beforeAll(async () => {
    hsm = startSoftHsm()
    running = await startAuthorizationServer({
      resources,
      serverOptions: { signers: { hsm: hsm.signer } },
    })
  })
  afterAll(async () => {
    await running.close()
    hsm[Symbol.dispose]()
  })

  async function ask(resource: string): Promise<{ status: number; token: string }> {
    const { tokenEndpoint, client } = running
    const response = await fetch(tokenEndpoint, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: client.clientId,
        client_secret: client.clientSecret,
        resource,
      }),
    })
    const { access_token: token = '' } = (await response.json()) as { access_token?: string }
    return { status: response.status, token }
  }

  it('signs ES256 and RS256 there, Ed25519 here, and jose verifies all', async () => {
    expect(hsm.privateKeys()).toBe(2)
    const { issuer, administration } = running
    const jwks = createRemoteJWKSet(new URL(`${issuer}/jwks`))
    for (const { resource, signingAlgorithm } of resources) {
      const { token } = await ask(resource)
      const { protectedHeader } = await jwtVerify(token, jwks, { issuer, audience: resource })
      expect(protectedHeader.alg).toBe(signingAlgorithm)
    }
    const places = (await administration.listSigningKeys()).map((key) => [
      key.alg,
      key.externalKey?.split(':')[0],
    ])
    expect(Object.fromEntries(places)).toEqual({ ES256: 'hsm', RS256: 'hsm', Ed25519: undefined })
  })

  it('rotates a key into the device, and out of it when it is revoked', async () => {
    const { administration, server, issuer } = running
    const [old] = (await administration.listSigningKeys()).filter(({ alg }) => alg === 'ES256')
    const fresh = await administration.rotateSigningKey({ announce: 0 })
    expect(hsm.privateKeys()).toBe(3)
    await server.refresh()
    const jwks = createRemoteJWKSet(new URL(`${issuer}/jwks`))
    const { protectedHeader } = await jwtVerify((await ask('urn:es')).token, jwks, { issuer })
    expect(protectedHeader.kid).toBe(fresh.kid)
    await administration.revokeSigningKey(old?.kid ?? '')
    await server.refresh()
    expect(hsm.privateKeys()).toBe(2)
  })

  it('answers 503 once the device is gone, and goes on signing what is not in it', async () => {
    hsm.logOut()
    expect((await ask('urn:es')).status).toBe(503)
    expect(running.events.at(-1)).toMatchObject({
      type: 'request.failed',
      error: { code: 'ERR_SIGNER' },
    })
    expect((await ask('urn:ed')).status).toBe(200)
  })
})
