import type { ParsedTokenRequest } from '@countersign/protocol'
import { ProtocolError } from '../protocol-error.ts'
import type { ResourceRecord } from '../registry/records.ts'
import type { RegisteredClient, RegistrySnapshot } from '../registry/snapshot.ts'
import type { Grant, GrantDecision } from './grant.ts'

/**
 * The client credentials grant: a client gets, at one resource, at most what it was granted there.
 *
 * The resource is the one named by `resource`, else by `audience`, else the only granted one that has
 * every scope asked for. No scope asked means all that are granted.
 * Source: RFC 6749 sections 3.3 and 4.4; RFC 8707 section 2; RFC 9068 section 3 for scopes that
 * belong to different resources.
 */
export function clientCredentials(): Grant {
  return {
    type: 'client_credentials',
    decide(client, request, snapshot) {
      const name = namedResource(request)
      if (name === undefined) return inferred(client, request.scope, snapshot)
      const permission = permissionAt(client, name, snapshot)
      if (permission === undefined) throw new ProtocolError('resource_not_granted')
      if (!covers(permission, request.scope)) throw new ProtocolError('scope_not_granted')
      return decision(client, permission, request.scope)
    },
  }
}

/** A grant as far as it goes today: at an active resource, only scopes the resource still has. */
interface Permission {
  readonly resource: ResourceRecord
  readonly scopes: readonly string[]
}

function namedResource({ resource, audience }: ParsedTokenRequest): string | undefined {
  const [first, ...more] = resource
  if (more.length > 0) throw new ProtocolError('several_resources')
  if (first !== undefined && audience !== undefined && first !== audience) {
    throw new ProtocolError('several_resources')
  }
  return first ?? audience
}

function inferred(
  client: RegisteredClient,
  scope: readonly string[],
  snapshot: RegistrySnapshot,
): GrantDecision {
  const permissions: Permission[] = []
  for (const resource of client.grants.keys()) {
    const permission = permissionAt(client, resource, snapshot)
    if (permission !== undefined) permissions.push(permission)
  }
  if (permissions.length === 0 && scope.length === 0) {
    throw new ProtocolError('client_without_grants')
  }
  const [fitting, ...more] = permissions.filter((permission) => covers(permission, scope))
  if (more.length > 0) throw new ProtocolError('resource_ambiguous')
  if (fitting !== undefined) return decision(client, fitting, scope)
  const known = scope.every((one) => permissions.some(({ scopes }) => scopes.includes(one)))
  throw new ProtocolError(known ? 'scope_across_resources' : 'scope_not_granted')
}

function permissionAt(
  client: RegisteredClient,
  name: string,
  snapshot: RegistrySnapshot,
): Permission | undefined {
  const resource = snapshot.resources.get(name)
  if (resource === undefined || resource.state !== 'active') return undefined
  const scopes = client.grants.get(name)?.scopes.filter((one) => resource.scopes.includes(one))
  return scopes === undefined || scopes.length === 0 ? undefined : { resource, scopes }
}

function covers(permission: Permission, scope: readonly string[]): boolean {
  return scope.every((one) => permission.scopes.includes(one))
}

function decision(
  { grants }: RegisteredClient,
  { resource, scopes }: Permission,
  scope: readonly string[],
): GrantDecision {
  const granted = grants.get(resource.resource)?.tokenLifetimeSeconds ?? Infinity
  return {
    resource,
    scope: scope.length === 0 ? scopes : scope,
    lifetimeSeconds: Math.min(resource.tokenLifetimeSeconds, granted),
    authorizationDetails: [],
  }
}
