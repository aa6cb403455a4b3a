import { parseForm, parseTokenRequest, type ParsedTokenRequest } from '@countersign/protocol'
import { describe, expect, it } from 'vitest'
import type { RegistryRecord } from '../registry/registry-store.ts'
import {
  emptySnapshot,
  type RegisteredClient,
  type RegistrySnapshot,
} from '../registry/snapshot.ts'
import { clientCredentials } from './client-credentials.ts'

const API = 'https://api.example.test/orders'

function records(clientId: string, scopes: readonly string[]): readonly RegistryRecord[] {
  return [
    {
      kind: 'client',
      record: { clientId, name: '', state: 'active', authenticationMethods: null, createdAt: 0 },
    },
    {
      kind: 'grant',
      record: {
        clientId,
        resource: API,
        scopes,
        tokenLifetimeSeconds: null,
        authorizationDetailsTypes: [],
        createdAt: 0,
      },
    },
  ]
}

function resource(state: 'active' | 'disabled'): RegistryRecord {
  return {
    kind: 'resource',
    record: {
      resource: API,
      name: '',
      scopes: ['read', 'write'],
      tokenLifetimeSeconds: 3600,
      tokenFormat: 'jwt',
      signingAlgorithm: 'ES256',
      senderConstraint: 'none',
      introspectionClients: [],
      authorizationDetails: {},
      state,
      createdAt: 0,
    },
  }
}

function arrangement() {
  const snapshot = emptySnapshot()
  let revision = 0
  const absorb = (...changed: readonly RegistryRecord[]): void => {
    snapshot.absorb({ revision: ++revision, records: changed })
  }
  absorb(
    resource('active'),
    ...records('billing', ['read', 'write']),
    ...records('other', ['read']),
  )
  return { snapshot, absorb }
}

function client({ clients }: RegistrySnapshot, clientId: string): RegisteredClient {
  const found = clients.get(clientId)
  if (found === undefined) throw new Error('no such client')
  return found
}

function asking(body: string): ParsedTokenRequest {
  const form = parseForm(body)
  const request = form.ok ? parseTokenRequest(form.value) : form
  if (!request.ok) throw new Error('a broken request')
  return request.value
}

describe('clientCredentials', () => {
  const { decide } = clientCredentials()
  const request = asking('grant_type=client_credentials')

  it('decides the same request of a client once, as long as nothing changes', () => {
    const { snapshot } = arrangement()
    const billing = client(snapshot, 'billing')
    const decision = decide(billing, request, snapshot)
    expect(decision.scope).toEqual(['read', 'write'])
    expect(decide(billing, request, snapshot)).toBe(decision)
    expect(decide(client(snapshot, 'other'), request, snapshot).scope).toEqual(['read'])
    const narrower = asking('grant_type=client_credentials&scope=write')
    expect(decide(billing, narrower, snapshot).scope).toEqual(['write'])
    expect(decide(billing, request, snapshot).scope).toEqual(['read', 'write'])
  })

  it('decides anew after any change: of its grant, or of the resource', () => {
    const { snapshot, absorb } = arrangement()
    const billing = client(snapshot, 'billing')
    decide(billing, request, snapshot)
    absorb(...records('billing', ['read']))
    expect(decide(billing, request, snapshot).scope).toEqual(['read'])
    absorb(resource('disabled'))
    expect(() => decide(billing, request, snapshot)).toThrow(
      expect.objectContaining({ reason: 'client_without_grants' }),
    )
  })
})
