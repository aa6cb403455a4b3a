import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from '@countersign/client'
import { createRemoteJWKSet, errors, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  RESOURCE,
  startOurServerAndApi,
  type OurServerAndApi,
} from './servers/our-server-and-api.ts'

// Real time, in small spans: jose reads the clock itself. They stand for minutes: a key is announced
// for longer than a verifier goes without looking for one it does not know.
const ANNOUNCE = 600
const COOLDOWN = 150
const ROTATIONS = 4

let ours: OurServerAndApi
beforeAll(async () => {
  ours = await startOurServerAndApi()
})
afterAll(() => ours[Symbol.asyncDispose]())

function askForToken(): Promise<string> {
  const client = createClient({ issuer: ours.issuer, ...ours.client, scope: 'orders:read' })
  return client.getToken().then(({ value }) => value)
}

describe('signing keys that change under load', () => {
  it('fail no verification: not at our guard, not at jose, which keeps the key set', async () => {
    const keys = createRemoteJWKSet(new URL(`${ours.issuer}/jwks`), { cooldownDuration: COOLDOWN })
    const kids = new Set<string | undefined>()
    const held: string[] = []
    const failures: unknown[] = []
    let verified = 0

    async function use(token: string): Promise<void> {
      try {
        const { protectedHeader } = await jwtVerify(token, keys, {
          issuer: ours.issuer,
          audience: RESOURCE,
          typ: 'at+jwt',
        })
        kids.add(protectedHeader.kid)
        const headers = { authorization: `Bearer ${token}` }
        const { status } = await fetch(ours.api, { headers })
        if (status !== 200) failures.push(`the API answered ${status}`)
        verified++
      } catch (error) {
        failures.push(error)
      }
    }

    const over = new AbortController()
    async function load(): Promise<void> {
      while (!over.signal.aborted) {
        const token = await askForToken()
        held.push(token)
        await use(token)
        // A token from long ago too: its key has been succeeded since.
        await use(held[Math.floor(held.length / 4)] ?? token)
      }
    }

    const loads = Array.from({ length: 4 }, load)
    for (let rotation = 0; rotation < ROTATIONS; rotation++) {
      await ours.administration.rotateSigningKey({ announce: ANNOUNCE })
      await delay(ANNOUNCE + 200)
    }
    over.abort()
    await Promise.all(loads)
    expect(failures).toEqual([])
    expect(kids.size).toBe(ROTATIONS + 1)
    expect(verified).toBeGreaterThan(100)
  })

  it('would fail jose were a key to sign before it has been announced', async () => {
    const keys = createRemoteJWKSet(new URL(`${ours.issuer}/jwks`))
    await jwtVerify(await askForToken(), keys)
    await ours.administration.rotateSigningKey({ announce: 0 })
    await ours.server.refresh()
    // It has just fetched the key set, and fetches no other for 30 seconds.
    const verification = jwtVerify(await askForToken(), keys)
    await expect(verification).rejects.toBeInstanceOf(errors.JWKSNoMatchingKey)
  })
})
