import {
  ArgumentError,
  assertKnownOptions,
  isScopeToken,
  nearestName,
  optionalNumber,
  optionalString,
  parseResource,
  requiredString,
} from '@countersign/protocol'
import type { GrantRecord, ResourceRecord } from '../registry/records.ts'
import type { RegistrySnapshot } from '../registry/snapshot.ts'
import { AdministrationError } from './administration-error.ts'
import { knownClient } from './client-administration.ts'
import type { RegistryEditor } from './registry-editor.ts'

/** Changes to resources and to what clients may do there. */
export interface ResourceAdministration {
  /**
   * Registers an API. `resource` is its absolute URI, compared letter by letter; `scopes` are all it
   * knows, at least one; tokens for it live `tokenLifetimeSeconds`, by default 3,600, at most 30 days.
   *
   * Throws: `resource_exists`.
   */
  createResource(options: {
    readonly resource: string
    readonly scopes: readonly string[]
    readonly name?: string
    readonly tokenLifetimeSeconds?: number
  }): Promise<ResourceRecord>
  /** Every resource, in the order of their URIs. */
  listResources(): Promise<readonly ResourceRecord[]>
  /**
   * Says what a client may do at a resource, in place of what was said before. No scopes: nothing.
   *
   * Throws: `client_unknown`, `resource_unknown`, `scope_unknown`.
   */
  grant(options: {
    readonly clientId: string
    readonly resource: string
    readonly scopes: readonly string[]
  }): Promise<GrantRecord>
}

/** The administration of resources and grants over one editor. */
export function resourceAdministration(editor: RegistryEditor): ResourceAdministration {
  return {
    async createResource(options) {
      const caller = 'createResource'
      assertKnownOptions(caller, options, ['resource', 'scopes', 'name', 'tokenLifetimeSeconds'])
      const resource = parseResource(requiredString(caller, 'resource', options.resource))
      if (!resource.ok) {
        throw new ArgumentError(
          'ERR_ARGUMENT_VALUE',
          'resource',
          `${caller}: 'resource' ${resource.reason}`,
        )
      }
      const scopes = parseScopes(caller, options.scopes)
      if (scopes.length === 0) {
        throw new ArgumentError(
          'ERR_ARGUMENT_VALUE',
          'scopes',
          `${caller}: 'scopes' must name at least one scope`,
        )
      }
      const record: ResourceRecord = {
        resource: resource.value,
        name: optionalString(caller, 'name', options.name) ?? resource.value,
        scopes,
        tokenLifetimeSeconds: parseLifetime(caller, options.tokenLifetimeSeconds),
        tokenFormat: 'jwt',
        signingAlgorithm: 'ES256',
        senderConstraint: 'none',
        introspectionClients: [],
        authorizationDetails: {},
        state: 'active',
        createdAt: editor.now(),
      }
      return editor.edit((snapshot) => {
        if (snapshot.resources.has(record.resource)) {
          throw new AdministrationError(
            'resource_exists',
            `resource '${record.resource}' exists; grant its scopes, or choose another URI`,
          )
        }
        return { changes: [{ kind: 'resource', record, require: 'absent' }], result: record }
      })
    },
    async listResources() {
      const { resources } = await editor.read()
      return Array.from(resources.values()).toSorted((left, right) =>
        left.resource < right.resource ? -1 : 1,
      )
    },
    async grant(options) {
      const caller = 'grant'
      assertKnownOptions(caller, options, ['clientId', 'resource', 'scopes'])
      const clientId = requiredString(caller, 'clientId', options.clientId)
      const resource = requiredString(caller, 'resource', options.resource)
      const scopes = parseScopes(caller, options.scopes)
      const createdAt = editor.now()
      return editor.edit((snapshot) => {
        const { grants } = knownClient(snapshot, clientId)
        assertDeclared(knownResource(snapshot, resource), scopes)
        const record: GrantRecord = {
          clientId,
          resource,
          scopes,
          tokenLifetimeSeconds: null,
          authorizationDetailsTypes: [],
          createdAt,
        }
        const require = grants.has(resource) ? { unchangedSince: snapshot.revision } : 'absent'
        return { changes: [{ kind: 'grant', record, require }], result: record }
      })
    },
  }
}

function knownResource(snapshot: RegistrySnapshot, resource: string): ResourceRecord {
  const known = snapshot.resources.get(resource)
  if (known !== undefined) return known
  const nearest = nearestName(resource, [...snapshot.resources.keys()])
  throw new AdministrationError(
    'resource_unknown',
    nearest === undefined
      ? 'there is no resource of that URI; list the resources, or create it'
      : `there is no resource of that URI; did you mean '${nearest}'?`,
  )
}

function assertDeclared(resource: ResourceRecord, scopes: readonly string[]): void {
  const unknown = scopes.find((scope) => !resource.scopes.includes(scope))
  if (unknown === undefined) return
  throw new AdministrationError(
    'scope_unknown',
    `resource '${resource.resource}' has no scope '${unknown}'; it has ${resource.scopes.join(', ')}`,
  )
}

function parseScopes(caller: string, scopes: unknown): readonly string[] {
  if (!Array.isArray(scopes) || !scopes.every(isScopeToken)) {
    throw new ArgumentError(
      scopes === undefined ? 'ERR_ARGUMENT_MISSING' : 'ERR_ARGUMENT_TYPE',
      'scopes',
      `${caller}: 'scopes' must be a list of scopes, such as ['orders:read']`,
    )
  }
  return [...new Set<string>(scopes)]
}

function parseLifetime(caller: string, value: number | undefined): number {
  const name = 'tokenLifetimeSeconds'
  const seconds = optionalNumber(caller, name, value, { fallback: 3600, min: 1, max: 2_592_000 })
  if (Number.isInteger(seconds)) return seconds
  throw new ArgumentError(
    'ERR_ARGUMENT_VALUE',
    name,
    `${caller}: '${name}' must be a whole number of seconds`,
  )
}
