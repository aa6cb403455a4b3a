import { startLoopbackServer, type LoopbackServer } from '@countersign/testkit'
import { onTestFinished } from 'vitest'

/** What a test may set and turn at {@link vaultServer}. */
export interface VaultState {
  readonly now: () => number
  /** Seconds a token lives after login or renewal, and at most. */
  lease: number
  longest: number
  renewable: boolean
  sealed: boolean
  readonly namespace: string | undefined
  /** Secret id to the logins it is still good for. */
  readonly secretIds: Map<string, number>
  /** The service account tokens that are taken. */
  readonly jwts: Set<string>
  /** Path below the mount to its members; `null` for a deleted version. */
  readonly secrets: Map<string, Record<string, unknown> | null>
  /** Token to its ends, epoch milliseconds. */
  readonly tokens: Map<string, { endsAt: number; readonly lastAt: number }>
}

/**
 * A server that answers as Vault's documented HTTP API does: AppRole and Kubernetes logins, leases
 * that end, renewal up to the longest life, KV version 2 under `secret/`.
 */
export async function vaultServer(
  state: Pick<VaultState, 'now'> & Partial<VaultState>,
): Promise<{ readonly vault: VaultState; readonly server: LoopbackServer }> {
  const vault: VaultState = {
    lease: 600,
    longest: 3600,
    renewable: true,
    sealed: false,
    namespace: undefined,
    secretIds: new Map(),
    jwts: new Set(),
    secrets: new Map(),
    tokens: new Map(),
    ...state,
  }
  let issued = 0

  function issue(): Response {
    const token = `hvs.token-${++issued}`
    const lastAt = vault.now() + vault.longest * 1000
    vault.tokens.set(token, { endsAt: vault.now() + vault.lease * 1000, lastAt })
    return Response.json({ auth: authOf(token, vault.lease) })
  }

  function authOf(token: string, lease: number): Record<string, unknown> {
    return { client_token: token, lease_duration: lease, renewable: vault.renewable, policies: [] }
  }

  function logIn(path: string, body: Record<string, unknown>): Response {
    if (path === 'auth/kubernetes/login') {
      const known = body['role'] === 'billing' && vault.jwts.has(String(body['jwt']))
      return known ? issue() : errors(403, 'permission denied')
    }
    const uses = vault.secretIds.get(String(body['secret_id'])) ?? 0
    if (body['role_id'] !== 'role-1' || uses < 1) return errors(400, 'invalid role or secret ID')
    vault.secretIds.set(String(body['secret_id']), uses - 1)
    return issue()
  }

  function answer(path: string, token: string): Response {
    const lease = vault.tokens.get(token)
    if (lease === undefined || vault.now() >= lease.endsAt) return errors(403, 'permission denied')
    const left = (time: number): number => Math.floor((time - vault.now()) / 1000)
    if (path === 'auth/token/lookup-self') {
      return Response.json({ data: { ttl: left(lease.endsAt), renewable: vault.renewable } })
    }
    if (path === 'auth/token/renew-self') {
      if (!vault.renewable) return errors(400, 'lease is not renewable')
      lease.endsAt = Math.min(vault.now() + vault.lease * 1000, lease.lastAt)
      return Response.json({ auth: authOf(token, left(lease.endsAt)) })
    }
    const data = vault.secrets.get(path.replace(/^secret\/data\//, ''))
    if (data === undefined) return errors(404)
    const metadata = { version: 1, destroyed: false }
    return Response.json({ data: { data, metadata } }, { status: data === null ? 404 : 200 })
  }

  const server = await startLoopbackServer((request, { body }) => {
    const path = new URL(request.url).pathname.replace(/^\/v1\//, '')
    if (vault.sealed) return errors(503, 'Vault is sealed')
    if (request.headers.get('x-vault-namespace') !== (vault.namespace ?? null)) return errors(404)
    if (path.endsWith('/login')) return logIn(path, JSON.parse(body) as Record<string, unknown>)
    return answer(path, request.headers.get('x-vault-token') ?? '')
  })
  onTestFinished(() => server.close())
  return { vault, server }
}

function errors(status: number, ...texts: readonly string[]): Response {
  return Response.json({ errors: texts }, { status })
}
