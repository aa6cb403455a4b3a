import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGuard, generateStoreKey, type Guard, type GuardRequest } from '@countersign/guard'
import { fileTokenStore } from '@countersign/stores/token-file'
import { startAuthorizationServer } from '@countersign/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { requestToken } from './servers/token-requests.ts'

const API = 'https://api.example.test/orders'

describe('processes of one machine that share answers in a folder', () => {
  it('ask one question, hear of a revocation, and leave nothing to be read', async () => {
    const issuer = await startAuthorizationServer({
      resources: [{ resource: API, scopes: ['read'], tokenFormat: 'opaque' }],
      clients: [
        { clientId: 'MARKER-billing', grants: [{ resource: API, scopes: ['read'] }] },
        { clientId: 'orders-api', grants: [] },
      ],
    })
    const folder = await mkdtemp(join(tmpdir(), 'countersign-answers-'))
    onTestFinished(async () => {
      await issuer.close()
      await rm(folder, { recursive: true })
    })
    const introspectionClients = ['orders-api']
    await issuer.administration.updateResource({ resource: API, introspectionClients })
    await issuer.server.refresh()
    const keys = [generateStoreKey()]
    const writes: Promise<unknown>[] = []
    const instance = (): Guard =>
      createGuard({
        issuer: issuer.issuer,
        audience: API,
        waitUntil: (work) => void writes.push(work),
        introspection: {
          endpoint: `${issuer.issuer}/introspect`,
          clientId: 'orders-api',
          clientSecret: issuer.secrets['orders-api'] ?? '',
          shared: { store: fileTokenStore({ folder }), keys, timeout: 5000 },
        },
      })
    const token = await requestToken(issuer, { resource: API })
    const request: GuardRequest = {
      method: 'GET',
      url: API,
      headers: new Headers({ authorization: `Bearer ${token}` }),
    }
    const questions = (): number =>
      issuer.events.filter(({ type }) => type === 'token.introspected').length

    const [one, other] = [instance(), instance()]
    expect(await one(request)).toMatchObject({ allowed: true })
    await Promise.all(writes)
    expect(await other(request)).toMatchObject({ allowed: true })
    expect(questions()).toBe(1)

    const names = await readdir(folder)
    const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
    expect(names).toHaveLength(1)
    for (const secret of [token, 'MARKER', API, 'orders-api']) {
      expect([...names, ...texts].join('\n')).not.toContain(secret)
    }

    const { clientId, clientSecret } = issuer.client
    const headers = { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` }
    const body = new URLSearchParams({ token })
    await fetch(`${issuer.issuer}/revoke`, { method: 'POST', headers, body })
    expect(await one(request, { confirmedWithin: 0 })).toMatchObject({ reason: 'inactive' })
    await Promise.all(writes)
    expect(await instance()(request)).toMatchObject({ reason: 'inactive' })
    expect(questions()).toBe(2)
  })
})
