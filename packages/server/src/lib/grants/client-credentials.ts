import type { ParsedTokenRequest } from '@countersign/protocol'
import { ProtocolError } from '../protocol-error.ts'
import type { GrantRecord, ResourceRecord } from '../registry/records.ts'
import type { RegisteredClient, RegistrySnapshot } from '../registry/snapshot.ts'
import { fitsSchema } from './authorization-details-schema.ts'
import type { Grant, GrantDecision } from './grant.ts'

/**
 * The client credentials grant: a client gets, at one resource, at most what it was granted there.
 *
 * The resource is the one named by `resource`, else by `audience`, else the only granted one that has
 * every scope and every type of authorization details asked for. No scope asked means all that are
 * granted; none at all where authorization details are asked for in its place.
 * Source: RFC 6749 sections 3.3 and 4.4; RFC 8707 section 2; RFC 9068 section 3 for scopes that
 * belong to different resources; RFC 9396 section 5.
 */
export function clientCredentials(): Grant {
  return {
    type: 'client_credentials',
    decide(client, request, snapshot) {
      const last = decisions.get(client)
      if (last?.request === request && last.revision === snapshot.revision) return last.decision
      const decided = decide(client, request, snapshot)
      decisions.set(client, { request, revision: snapshot.revision, decision: decided })
      return decided
    },
  }
}

/** What each client was granted last: a client asks for the same again and again. */
const decisions = new WeakMap<RegisteredClient, LastDecision>()

interface LastDecision {
  readonly request: ParsedTokenRequest
  readonly revision: number
  readonly decision: GrantDecision
}

function decide(
  client: RegisteredClient,
  request: ParsedTokenRequest,
  snapshot: RegistrySnapshot,
): GrantDecision {
  const name = namedResource(request)
  if (name === undefined) return inferred(client, request, snapshot)
  const permission = permissionAt(client, name, snapshot)
  if (permission === undefined) throw new ProtocolError('resource_not_granted')
  if (!covers(permission, request.scope)) throw new ProtocolError('scope_not_granted')
  return decision(permission, request)
}

/** A grant as far as it goes today: at an active resource, only scopes the resource still has. */
interface Permission {
  readonly resource: ResourceRecord
  readonly grant: GrantRecord
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
  request: ParsedTokenRequest,
  snapshot: RegistrySnapshot,
): GrantDecision {
  const { scope, authorizationDetails: details } = request
  const open: Permission[] = []
  for (const resource of client.grants.keys()) {
    const permission = permissionAt(client, resource, snapshot)
    if (permission !== undefined) open.push(permission)
  }
  if (open.length === 0 && scope.length === 0) {
    throw new ProtocolError('client_without_grants')
  }
  const covering = open.filter((permission) => covers(permission, scope))
  const [fitting, ...more] = covering.filter((permission) =>
    details.every(({ type }) => maySayType(permission, type)),
  )
  if (more.length > 0) throw new ProtocolError('resource_ambiguous')
  if (fitting !== undefined) return decision(fitting, request)
  if (covering.length > 0) throw new ProtocolError('authorization_details_not_granted')
  const known = scope.every((one) => open.some(({ scopes }) => scopes.includes(one)))
  throw new ProtocolError(known ? 'scope_across_resources' : 'scope_not_granted')
}

function permissionAt(
  client: RegisteredClient,
  name: string,
  snapshot: RegistrySnapshot,
): Permission | undefined {
  const resource = snapshot.resources.get(name)
  if (resource === undefined || resource.state !== 'active') return undefined
  const grant = client.grants.get(name)
  if (grant === undefined) return undefined
  const scopes = grant.scopes.filter((one) => resource.scopes.includes(one))
  if (scopes.length === 0) return undefined
  return { resource, grant, scopes }
}

function covers(permission: Permission, scope: readonly string[]): boolean {
  return scope.every((one) => permission.scopes.includes(one))
}

function maySayType({ resource, grant }: Permission, type: string): boolean {
  return (
    Object.hasOwn(resource.authorizationDetails, type) &&
    grant.authorizationDetailsTypes.includes(type)
  )
}

function decision(
  permission: Permission,
  { scope, authorizationDetails }: ParsedTokenRequest,
): GrantDecision {
  const { resource, grant, scopes } = permission
  for (const detail of authorizationDetails) {
    if (!maySayType(permission, detail.type)) {
      throw new ProtocolError('authorization_details_not_granted')
    }
    const schema = resource.authorizationDetails[detail.type]
    if (schema === undefined || !fitsSchema(detail, schema)) {
      throw new ProtocolError('authorization_details_invalid')
    }
  }
  const everything = scope.length === 0 && authorizationDetails.length === 0
  return {
    resource,
    scope: everything ? scopes : scope,
    lifetimeSeconds: Math.min(
      resource.tokenLifetimeSeconds,
      grant.tokenLifetimeSeconds ?? resource.tokenLifetimeSeconds,
    ),
    authorizationDetails,
  }
}
