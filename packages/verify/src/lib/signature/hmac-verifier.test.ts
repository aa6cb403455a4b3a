import { createHmac, generateKeyPairSync } from 'node:crypto'
import { parseJwkSet } from '@countersign/protocol'
import { describe, expect, it } from 'vitest'
import { importKeySet } from '../keys/key-set.ts'
import { importHmacVerifier } from './hmac-verifier.ts'

const SECRET = 'a secret of thirty-two bytes, ok'
const bytes = (buffer: Buffer): Uint8Array<ArrayBuffer> => new Uint8Array(buffer)
const tag = (secret: string, input: string): Uint8Array<ArrayBuffer> =>
  bytes(createHmac('sha256', secret).update(input).digest())

describe('importHmacVerifier', () => {
  it('accepts the tag of its secret over its input, and no other', async () => {
    const verifier = await importHmacVerifier(SECRET)
    expect(await verifier?.verify('a.b', tag(SECRET, 'a.b'))).toBe(true)
    expect(await verifier?.verify('a.c', tag(SECRET, 'a.b'))).toBe(false)
    expect(await verifier?.verify('a.b', tag(`${SECRET}!`, 'a.b'))).toBe(false)
  })

  it('takes the secret as UTF-8', async () => {
    const secret = 'zweiunddreißig Bytes für den Schlüssel'
    const verifier = await importHmacVerifier(secret)
    expect(await verifier?.verify('a.b', tag(secret, 'a.b'))).toBe(true)
  })

  it('refuses a tag that is cut short, longer, empty or changed in any byte', async () => {
    const verifier = await importHmacVerifier(SECRET)
    const good = tag(SECRET, 'a.b')
    const wrong = [
      new Uint8Array(0),
      good.subarray(0, 16),
      good.subarray(0, 31),
      Uint8Array.of(...good, 0),
      ...Array.from(good, (_, at) => good.map((byte, index) => (index === at ? byte ^ 1 : byte))),
    ]
    for (const signature of wrong) expect(await verifier?.verify('a.b', signature)).toBe(false)
  })

  it('[std:88] takes no secret shorter than the hash', async () => {
    expect(await importHmacVerifier('')).toBeUndefined()
    expect(await importHmacVerifier(SECRET.slice(1))).toBeUndefined()
    expect(await importHmacVerifier('ü'.repeat(16))).toBeDefined()
  })

  it('takes no public key for a secret, with whatever before it', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString()
    const jwk = JSON.stringify(publicKey.export({ format: 'jwk' }))
    const ssh = 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 someone@example'
    for (const text of [pem, ` ${pem}`, `\uFEFF${pem}`, `comment\r\n${pem}`, jwk, ssh]) {
      await expect(importHmacVerifier(text)).rejects.toMatchObject({
        name: 'ArgumentError',
        option: 'secret',
        message: expect.not.stringContaining('MFkw') as string,
      })
    }
  })
})

describe('HS256 through a JWK set', () => {
  it('is never found: not by a symmetric key, not by the algorithm', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'a' }
    const asked = new Set(['HS256', 'constructor', 'RS256'] as never[])
    const set = await importKeySet({ keys: [jwk, { ...jwk, kid: 'b', alg: 'HS256' }] }, asked)
    expect(set?.candidates('HS256', 'a')).toEqual([])
    expect(set?.candidates('HS256', undefined)).toEqual([])
    expect(set?.has('b')).toBe(false)
    const secret = { kty: 'oct', k: 'AAAA', alg: 'HS256' }
    expect(await importKeySet({ keys: [jwk, secret] }, asked)).toBeUndefined()
    expect(parseJwkSet({ keys: [secret] }).ok).toBe(false)
  })
})
