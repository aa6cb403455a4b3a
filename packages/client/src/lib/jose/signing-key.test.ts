import { generateKeyPairSync, sign } from 'node:crypto'
import { compactVerify, importJWK, importSPKI, type JWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { signCompactJwt } from './compact-jwt.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'
import { importSigningKey, type SigningKeyInput } from './signing-key.ts'

const KEYS = {
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  Ed25519: generateKeyPairSync('ed25519'),
}
const ALGORITHMS: readonly [SignatureAlgorithm, keyof typeof KEYS, object][] = [
  ['ES256', 'ES256', { name: 'ECDSA', namedCurve: 'P-256' }],
  ['ES384', 'ES384', { name: 'ECDSA', namedCurve: 'P-384' }],
  ['RS256', 'RS256', { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }],
  ['PS256', 'RS256', { name: 'RSA-PSS', hash: 'SHA-256' }],
  ['Ed25519', 'Ed25519', { name: 'Ed25519' }],
  ['EdDSA', 'Ed25519', { name: 'Ed25519' }],
]

function jwkOf(name: keyof typeof KEYS): JsonWebKey {
  return KEYS[name].privateKey.export({ format: 'jwk' })
}

function pemOf(name: keyof typeof KEYS): string {
  return KEYS[name].privateKey.export({ format: 'pem', type: 'pkcs8' }) as string
}

function cryptoKey(name: keyof typeof KEYS, algorithm: object, extractable = false) {
  const der = KEYS[name].privateKey.export({ format: 'der', type: 'pkcs8' })
  return crypto.subtle.importKey(
    'pkcs8',
    new Uint8Array(der),
    algorithm as AlgorithmIdentifier,
    extractable,
    ['sign'],
  )
}

/** What jose, a stranger to this code, makes of a JWT signed with the key. */
async function verified(input: SigningKeyInput, alg: SignatureAlgorithm | undefined, by: string) {
  const key = await importSigningKey(input, alg)()
  const jwt = await signCompactJwt({ typ: 'JWT', kid: key.kid }, { sub: 'x' }, key)
  const pair = KEYS[ALGORITHMS.find(([name]) => name === by)?.[1] ?? 'ES256']
  const spki = pair.publicKey.export({ format: 'pem', type: 'spki' }) as string
  const { protectedHeader, payload } = await compactVerify(jwt, await importSPKI(spki, by))
  expect(JSON.parse(new TextDecoder().decode(payload))).toEqual({ sub: 'x' })
  return { header: protectedHeader, key }
}

describe('importSigningKey', () => {
  it.each(ALGORITHMS)(
    'signs %s as jose verifies it, from every form of key',
    async (alg, name, algorithm) => {
      const publicKey = KEYS[name].publicKey.export({ format: 'jwk' })
      for (const input of [jwkOf(name), pemOf(name), await cryptoKey(name, algorithm, true)]) {
        const { header, key } = await verified(input, alg, alg)
        expect(header).toEqual({ typ: 'JWT', alg })
        expect(key.publicJwk).toEqual(publicKey)
      }
      const { key } = await verified(await cryptoKey(name, algorithm), alg, alg)
      expect(key.publicJwk).toBeUndefined()
    },
  )

  it.each<[keyof typeof KEYS, SignatureAlgorithm]>([
    ['ES256', 'ES256'],
    ['ES384', 'ES384'],
    ['RS256', 'PS256'],
    ['Ed25519', 'Ed25519'],
  ])('takes the usual algorithm of a key by itself: %s', async (name, alg) => {
    expect((await verified(jwkOf(name), undefined, alg)).header.alg).toBe(alg)
    expect((await verified(pemOf(name), undefined, alg)).header.alg).toBe(alg)
  })

  it('takes the algorithm that a JWK or a CryptoKey names', async () => {
    expect(
      (await verified({ ...jwkOf('RS256'), alg: 'RS256' }, undefined, 'RS256')).header.alg,
    ).toBe('RS256')
    const key = await cryptoKey('RS256', { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' })
    expect((await verified(key, undefined, 'RS256')).header.alg).toBe('RS256')
    const named = { ...jwkOf('Ed25519'), alg: 'EdDSA' }
    expect((await verified(named, 'Ed25519', 'Ed25519')).header.alg).toBe('Ed25519')
  })

  it('takes a key pair, and shows its public half', async () => {
    const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
      'sign',
      'verify',
    ])
    const key = await importSigningKey(pair)()
    const jwt = await signCompactJwt({}, { sub: 'x' }, key)
    await compactVerify(jwt, await importJWK(key.publicJwk as JWK, 'ES256'))
    expect(key.fingerprint).toMatch(/^jkt:[\w-]{43}$/)
  })

  it('refuses a public half of a foreign key that is none, or of another kind', () => {
    const { x, y } = KEYS.ES256.publicKey.export({ format: 'jwk' })
    for (const publicJwk of [
      { kty: 'EC', crv: 'P-256', x },
      { kty: 'EC', crv: 'P-384', x, y },
    ]) {
      const key = {
        alg: 'ES256',
        sign: async () => new Uint8Array(64),
        publicJwk,
      } as SigningKeyInput
      expect(() => importSigningKey(key)).toThrow("'key' has a 'publicJwk'")
    }
  })

  it('takes PEM as environment variables bring it', async () => {
    const text = pemOf('ES256').trim()
    const forms = [
      text.replaceAll('\n', '\\n'),
      text.replaceAll('\n', ''),
      `Bag Attributes\n  x: y\n${text.replaceAll('\n', '\r\n')}\r\n`,
    ]
    for (const form of forms) {
      expect((await verified(form, undefined, 'ES256')).header.alg).toBe('ES256')
    }
  })

  it.each(['ES256', 'ES384'] as const)(
    'takes %s signatures of a KMS as DER and as r || s',
    async (alg) => {
      const hash = alg === 'ES256' ? 'sha256' : 'sha384'
      for (const dsaEncoding of ['der', 'ieee-p1363'] as const) {
        const { header } = await verified(
          {
            alg,
            kid: 'in-the-kms',
            sign: async (data) =>
              new Uint8Array(sign(hash, data, { key: KEYS[alg].privateKey, dsaEncoding })),
          },
          undefined,
          alg,
        )
        expect(header.kid).toBe('in-the-kms')
      }
    },
  )

  it.each<[string, () => unknown]>([
    [
      'fails with the key in its message',
      () => {
        throw new Error('marker-kms')
      },
    ],
    ['gives nothing', () => undefined],
    ['gives a signature of the wrong size', async () => new Uint8Array(63)],
  ])('refuses an external key whose sign function %s', async (_, signing) => {
    const key = await importSigningKey({ alg: 'ES256', sign: signing as never })()
    const failure: unknown = await key.sign(new Uint8Array(3)).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'ERR_CREDENTIAL', phase: 'credential' })
    expect(String((failure as Error).stack)).not.toContain('marker-kms')
    expect((failure as Error).cause).toBeUndefined()
  })

  it('imports once, however often it is asked, and keeps what it signs with to itself', async () => {
    const load = importSigningKey(pemOf('ES256'))
    const [one, other] = await Promise.all([load(), load()])
    expect(one).toBe(other)
    expect(await load()).toBe(one)
    expect(JSON.stringify(one)).not.toContain(jwkOf('ES256').d)
  })

  it('names a key by its thumbprint, in whatever form it comes', async () => {
    const names = await Promise.all(
      [jwkOf('RS256'), pemOf('RS256')].map(
        async (key) => (await importSigningKey(key)()).fingerprint,
      ),
    )
    expect(new Set(names).size).toBe(1)
    expect((await importSigningKey(jwkOf('ES256'))()).fingerprint).not.toBe(names[0])
    const hidden = await cryptoKey('ES256', { name: 'ECDSA', namedCurve: 'P-256' })
    const random = await Promise.all([hidden, hidden].map((key) => importSigningKey(key)()))
    expect(random[0]?.fingerprint).not.toBe(random[1]?.fingerprint)
  })

  it('refuses an RSA key under 2048 bits [std:88]', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const load = importSigningKey(privateKey.export({ format: 'jwk' }))
    await expect(load()).rejects.toMatchObject({
      code: 'ERR_CREDENTIAL',
      message: expect.stringContaining('1024 bits'),
    })
  })

  it('tells a damaged key without quoting it', async () => {
    const damaged = { ...jwkOf('ES256'), d: 'marker-d' }
    const failure: unknown = await importSigningKey(damaged)().catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'ERR_CREDENTIAL' })
    expect(JSON.stringify(failure) + (failure as Error).stack).not.toContain('marker-d')
  })

  const ec = jwkOf('ES256')
  const sec1 = KEYS.ES256.privateKey.export({ format: 'pem', type: 'sec1' }) as string
  const pkcs1 = KEYS.RS256.privateKey.export({ format: 'pem', type: 'pkcs1' }) as string
  const locked = KEYS.ES256.privateKey.export({
    format: 'pem',
    type: 'pkcs8',
    cipher: 'aes-256-cbc',
    passphrase: 'x',
  }) as string
  const spki = KEYS.ES256.publicKey.export({ format: 'pem', type: 'spki' }) as string
  const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' })
  const p521Pem = p521.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string
  const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 })
  const pssPem = pss.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string
  it.each<[unknown, SignatureAlgorithm | undefined, string]>([
    [undefined, undefined, "'key' must be a private JWK"],
    [42, undefined, "'key' must be a private JWK"],
    [{}, undefined, "'key' must be a private JWK"],
    ['hello', undefined, 'no BEGIN line'],
    [sec1, undefined, "'EC PRIVATE KEY', not PKCS#8: convert it with openssl pkcs8 -topk8"],
    [pkcs1, undefined, "'RSA PRIVATE KEY', not PKCS#8"],
    [locked, undefined, 'is encrypted: decrypt it first'],
    [spki, undefined, "'PUBLIC KEY', where a 'PRIVATE KEY' is needed"],
    [pemOf('ES256').slice(0, 90), undefined, 'cut short'],
    [p521Pem, undefined, 'of a kind that is not signed with here'],
    [pssPem, undefined, 'of a kind that is not signed with here'],
    [KEYS.ES256.publicKey.export({ format: 'jwk' }), undefined, 'without its private half'],
    [{ kty: 'oct', k: 'AAAA' }, undefined, 'a kind that is not signed with'],
    [{ ...ec, crv: 'P-521' }, undefined, 'a kind that is not signed with'],
    [{ ...ec, use: 'enc' }, undefined, "'use' is not 'sig'"],
    [{ ...ec, key_ops: ['verify'] }, undefined, "do not allow 'sign'"],
    [{ ...ec, alg: 'HS256' }, undefined, 'names an algorithm'],
    [{ ...ec, alg: 'RS256' }, undefined, 'names an algorithm that a key of its kind does not'],
    [ec, 'ES384', "'alg' is ES384, and the key is for ES256"],
    [ec, 'RS256', "'alg' is RS256, and the key is for ES256"],
    [{ ...jwkOf('RS256'), alg: 'RS256' }, 'PS256', "'alg' is PS256, and the key is for RS256"],
    [ec, 'es256' as never, "'alg' must be 'ES256'"],
    [ec, 'none' as never, "'alg' must be one of ES256"],
    [{ sign: () => {}, alg: 'HS256' }, undefined, "'alg' must be 'ES256'"],
    [{ sign: 1, alg: 'ES256' }, undefined, "a 'sign' that is not a function"],
  ])(
    'refuses at once what is not a private key for the algorithm (%#) [std:87] [std:90] [std:96]',
    (key, alg, message) => {
      const make = () => importSigningKey(key as never, alg, 'caller')
      expect(make).toThrow(expect.objectContaining({ name: 'ArgumentError' }))
      expect(make).toThrow(message)
      expect(make).toThrow(/^caller: '(key|alg)' /)
    },
  )

  it('refuses a CryptoKey that cannot sign', async () => {
    const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
      'sign',
      'verify',
    ])
    expect(() => importSigningKey(pair.publicKey)).toThrow("not private or is not for 'sign'")
    const weak = await cryptoKey('RS256', { name: 'RSA-PSS', hash: 'SHA-1' })
    expect(() => importSigningKey(weak)).toThrow('of a kind that is not signed with here')
  })
})
