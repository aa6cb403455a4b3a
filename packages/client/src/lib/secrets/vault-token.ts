import type { JsonObject } from '@countersign/protocol'
import { CredentialError } from '../errors/token-error.ts'
import { isRequestBound } from '../request-bound.ts'
import type { VaultCredential } from './vault-auth.ts'
import {
  vaultExchange,
  vaultMember,
  type VaultAnswer,
  type VaultConnection,
} from './vault-exchange.ts'

/** A Vault token for the calls of this process. */
export interface VaultToken {
  /** A token to send. Logs in where there is none, renews one that is past half of its life. */
  current(): Promise<string>
  /** Forgets `token`, which Vault has refused. */
  refused(token: string): void
}

interface Held {
  readonly token: string
  readonly renewable: boolean
  /** Epoch milliseconds; `Infinity` for a token that does not end. */
  readonly renewAt: number
  readonly endsAt: number
}

/**
 * Gets and keeps the token of a Vault. Callers of one moment share one login.
 *
 * A renewal comes before a login, because the proof of a login may be good for one use. A token that
 * cannot be renewed, or that has reached its longest life, is replaced by another login.
 * Source: Vault HTTP API, `auth/token/renew-self`, `auth/token/lookup-self`, `auth/…/login`.
 */
export function vaultToken(connection: VaultConnection, credential: VaultCredential): VaultToken {
  const { now } = connection
  let held: Held | undefined
  let getting: Promise<Held> | undefined

  async function next(): Promise<Held> {
    const renewed = held === undefined ? undefined : await renew(held)
    return renewed ?? (credential.kind === 'token' ? lookUp(credential) : logIn(credential))
  }

  async function renew({ token, renewable, endsAt }: Held): Promise<Held | undefined> {
    if (!renewable || now() >= endsAt) return undefined
    const askedAt = now()
    const path = 'auth/token/renew-self'
    const answer = await vaultExchange(connection, { purpose: 'a renewal', path, token, body: {} })
    const auth = answer.ok ? vaultMember(answer.json, 'auth') : undefined
    if (auth === undefined) return undefined
    const renewed = leaseOf(token, auth, { life: auth['lease_duration'], askedAt })
    // At its longest life a token is renewed by less and less: it is time for another one.
    return renewed.endsAt > endsAt ? renewed : { ...renewed, endsAt, renewable: false }
  }

  async function lookUp({ token: read }: { readonly token: () => Promise<string> }): Promise<Held> {
    const token = await read()
    const askedAt = now()
    const path = 'auth/token/lookup-self'
    const answer = await vaultExchange(connection, { purpose: 'a look-up', path, token })
    const data = answer.ok ? vaultMember(answer.json, 'data') : undefined
    // A policy may forbid the look-up, and the token be good all the same: the read will tell.
    return leaseOf(token, data ?? {}, { life: data?.['ttl'], askedAt })
  }

  async function logIn({
    mount,
    body,
  }: Extract<VaultCredential, { kind: 'login' }>): Promise<Held> {
    const askedAt = now()
    const path = `auth/${mount}/login`
    const answer = await vaultExchange(connection, {
      purpose: 'a login',
      path,
      body: await body(),
    })
    const auth = answer.ok ? vaultMember(answer.json, 'auth') : undefined
    const token = auth?.['client_token']
    if (auth !== undefined && typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) {
      return leaseOf(token, auth, { life: auth['lease_duration'], askedAt })
    }
    throw loginRefused(connection.address, mount, answer)
  }

  async function get(): Promise<Held> {
    try {
      held = await next()
      return held
    } catch (error) {
      // While the token has not ended, a Vault that cannot renew it right now fails nothing.
      if (held === undefined || now() >= held.endsAt) throw error
      return held
    } finally {
      getting = undefined
    }
  }

  return {
    async current() {
      const time = now()
      if (held !== undefined && time < held.renewAt && time < held.endsAt) return held.token
      if (isRequestBound()) return (await get()).token
      getting ??= get()
      return (await getting).token
    },
    refused(token) {
      if (held?.token === token) held = undefined
    },
  }
}

function leaseOf(
  token: string,
  members: JsonObject,
  { life, askedAt }: { readonly life: unknown; readonly askedAt: number },
): Held {
  // Zero and nothing both mean a token that does not end by itself.
  const seconds = typeof life === 'number' && life > 0 ? life : Infinity
  return {
    token,
    renewable: members['renewable'] === true,
    renewAt: askedAt + seconds * 500,
    endsAt: askedAt + seconds * 1000,
  }
}

function loginRefused(address: URL, mount: string, answer: VaultAnswer): CredentialError {
  const why = answer.ok ? 'gave no token at' : `answered ${answer.status} to`
  return new CredentialError(
    'ERR_CREDENTIAL',
    `Vault at ${address.origin} ${why} the login auth/${mount}`,
    {
      phase: 'credential',
      status: answer.ok ? 200 : answer.status,
      hint: 'Check the role, its credential and where the method is mounted',
    },
  )
}
