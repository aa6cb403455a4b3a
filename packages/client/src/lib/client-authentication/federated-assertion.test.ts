import { mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { good, server } from '../../../test/answering-endpoint.ts'
import { clientCredentials } from '../grants/client-credentials.ts'
import { fromFile } from '../secrets/from-file.ts'
import type { SecretSource } from '../secrets/secret-source.ts'
import { federatedAssertion, type FederatedAssertionOptions } from './federated-assertion.ts'

/** A JWT by its look, as somebody else's platform signs it. */
function platformToken(claims: object): string {
  const parts = [{ alg: 'RS256' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  return [...parts, 'c2ln'].join('.')
}

const POD = {
  iss: 'https://cluster.example',
  sub: 'system:serviceaccount:a:b',
  aud: ['https://as'],
}
const one = platformToken({ ...POD, jti: 1 })
const two = platformToken({ ...POD, jti: 2 })

/** A token endpoint that takes certain assertions. */
async function asking(
  source: SecretSource,
  taken: readonly string[],
  options?: FederatedAssertionOptions,
) {
  const endpoint = await server(async (request) => {
    const form = new URLSearchParams(await request.text())
    return taken.includes(form.get('client_assertion') ?? '')
      ? Response.json(good)
      : Response.json({ error: 'invalid_client' }, { status: 401 })
  })
  const asked = clientCredentials({
    tokenEndpoint: endpoint.origin,
    clientId: 'billing',
    clientAuthentication: federatedAssertion(source, options),
  })
  const sent = () =>
    endpoint.requests.map(({ body }) => new URLSearchParams(body).get('client_assertion'))
  return { asked, sent, endpoint }
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'assertion-'))
  onTestFinished(() => rm(path, { recursive: true }))
  return path
}

describe('federatedAssertion', () => {
  it('sends what the file holds, and what it holds a moment later', async () => {
    const file = join(await folder(), 'token')
    await writeFile(file, `${one}\n`)
    const { asked, sent } = await asking(fromFile(file), [one, two])
    await asked()
    await writeFile(file, two)
    await asked()
    expect(sent()).toEqual([one, two])
  })

  it('follows the link that Kubernetes turns to a new folder', async () => {
    const path = await folder()
    const [data, other] = [join(path, '..data'), join(path, '..data_tmp')]
    await writeFile(join(path, 'v1'), one)
    await writeFile(join(path, 'v2'), two)
    await symlink('v1', data)
    const { asked, sent } = await asking(fromFile(data), [one, two])
    await asked()
    await symlink('v2', other)
    await rename(other, data)
    await asked()
    await unlink(data)
    await expect(asked()).rejects.toMatchObject({
      code: 'ERR_CREDENTIAL',
      message: expect.stringContaining('ENOENT'),
    })
    expect(sent()).toEqual([one, two])
  })

  it('reads once more after a refusal, and sends another assertion, but none twice', async () => {
    const answers = [one, two]
    const replaced = await asking(() => answers.shift() ?? two, [two])
    await replaced.asked()
    expect(replaced.sent()).toEqual([one, two])
    const same = await asking(() => one, [])
    await expect(same.asked()).rejects.toMatchObject({ code: 'ERR_REFUSED' })
    expect(same.sent()).toEqual([one])
  })

  it('comes to an end with a source that gives another assertion each time', async () => {
    let count = 0
    const { asked, sent } = await asking(() => platformToken({ ...POD, jti: count++ }), [])
    await expect(asked()).rejects.toMatchObject({ code: 'ERR_REFUSED' })
    expect(sent()).toHaveLength(2)
  })

  it.each([
    [undefined, 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'],
    [{ type: 'jwt-spiffe' } as const, 'urn:ietf:params:oauth:client-assertion-type:jwt-spiffe'],
  ])('says what kind of assertion it is: %j [std:111]', async (options, type) => {
    const { asked, endpoint } = await asking(async () => [one], [one], options)
    await asked()
    const form = new URLSearchParams(endpoint.requests[0]?.body)
    expect(form.get('client_assertion_type')).toBe(type)
    expect(form.get('client_id')).toBe('billing')
  })

  it('has a fingerprint of who the assertion speaks of, not of its text', async () => {
    const print = (text: string) => federatedAssertion(() => text).fingerprint()
    const base = await print(one)
    expect(base).toMatch(/^\d{1,3}(,\d{1,3}){31}$/)
    expect(await print(two)).toBe(base)
    for (const changed of [{ sub: 'x' }, { iss: 'x' }, { aud: 'x' }]) {
      expect(await print(platformToken({ ...POD, ...changed }))).not.toBe(base)
    }
    expect(await print('opaque-1')).not.toBe(await print('opaque-2'))
  })

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error(`marker ${one}`)
      },
    ],
    ['gives undefined', () => undefined],
    ['gives a blank text', () => ' \n'],
    ['gives two lines', () => `marker\nmarker`],
    ['gives a text without end', () => 'marker'.repeat(10_000)],
  ])('sends nothing when the source %s, and quotes nothing', async (_, source) => {
    const { asked, sent } = await asking(source as SecretSource, [])
    const failure: unknown = await asked().catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'ERR_CREDENTIAL', phase: 'credential' })
    expect(`${(failure as Error).stack} ${JSON.stringify(failure)}`).not.toContain('marker')
    expect(sent()).toEqual([])
  })

  it('refuses wrong options at once', () => {
    expect(() => federatedAssertion(one as never)).toThrow('must be a function')
    expect(() => federatedAssertion(() => one, { type: 'saml' as never })).toThrow("'type' must be")
    expect(() => federatedAssertion(() => one, { kind: 1 } as never)).toThrow(
      "unknown option 'kind'",
    )
  })
})
