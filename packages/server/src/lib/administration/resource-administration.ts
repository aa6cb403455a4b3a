import {
  ArgumentError,
  assertKnownOptions,
  nearestName,
  parseResource,
  requiredString,
} from '@countersign/protocol'
import type {
  AuthorizationDetailsSchema,
  GrantRecord,
  ResourceRecord,
  SenderConstraint,
  SigningAlgorithm,
} from '../registry/records.ts'
import type { RegistrySnapshot } from '../registry/snapshot.ts'
import { AdministrationError } from './administration-error.ts'
import { knownClient } from './client-administration.ts'
import type { RegistryEditor } from './registry-editor.ts'
import {
  parseDeclaredScopes,
  parseLifetime,
  parseNames,
  parseScopes,
  parseSettings,
} from './resource-settings.ts'

/** What a resource may be told at its creation and later. What is left out has its default. */
export interface ResourceSettings {
  /** For people. Default the resource's own URI. */
  readonly name?: string
  /** How long its tokens live, 1 to 2,592,000 (30 days). Default 3,600. */
  readonly tokenLifetimeSeconds?: number
  /**
   * `jwt`: the API verifies tokens by itself. `opaque`: it asks by introspection, and tokens can be ended
   * at once. Default `jwt`.
   */
  readonly tokenFormat?: 'jwt' | 'opaque'
  /** Default ES256. A key is made when the first token needs it. */
  readonly signingAlgorithm?: SigningAlgorithm
  /** Whether tokens must be bound to their sender. Default `none`. */
  readonly senderConstraint?: SenderConstraint
  /** Clients that may introspect its tokens. Default none. */
  readonly introspectionClients?: readonly string[]
  /** The types of `authorization_details` it takes. Default none. */
  readonly authorizationDetails?: Readonly<Record<string, AuthorizationDetailsSchema>>
}

/** Changes to resources and to what clients may do there. */
export interface ResourceAdministration {
  /**
   * Registers an API. `resource` is its absolute URI, compared letter by letter; `scopes` are all it
   * knows, at least one.
   *
   * Throws: `resource_exists`, `algorithm_unavailable`, `client_unknown`.
   */
  createResource(
    options: ResourceSettings & { readonly resource: string; readonly scopes: readonly string[] },
  ): Promise<ResourceRecord>
  /**
   * Changes what is given of a resource and keeps the rest. A scope or a type that is taken away is
   * granted no more from then on, whatever the grants say; tokens that were issued keep it.
   *
   * Throws: `resource_unknown`, `algorithm_unavailable`, `client_unknown`.
   */
  updateResource(
    options: ResourceSettings & { readonly resource: string; readonly scopes?: readonly string[] },
  ): Promise<ResourceRecord>
  /**
   * No more tokens for a resource; its URI stays taken. For as long, those there are end at introspection and
   * in the revocation feed. Throws: `resource_unknown`.
   */
  disableResource(resource: string): Promise<ResourceRecord>
  /** Undoes {@link disableResource}. Throws: `resource_unknown`. */
  enableResource(resource: string): Promise<ResourceRecord>
  /** Every resource, in the order of their URIs. */
  listResources(): Promise<readonly ResourceRecord[]>
  /**
   * Says what a client may do at a resource, in place of what was said before. No scopes: nothing.
   *
   * `tokenLifetimeSeconds` shortens the resource's own; `authorizationDetailsTypes` are the types of
   * `authorization_details` it may ask for, default none.
   * Throws: `client_unknown`, `resource_unknown`, `scope_unknown`, `authorization_details_unknown`.
   */
  grant(options: {
    readonly clientId: string
    readonly resource: string
    readonly scopes: readonly string[]
    readonly tokenLifetimeSeconds?: number
    readonly authorizationDetailsTypes?: readonly string[]
  }): Promise<GrantRecord>
}

const SETTINGS = [
  'name',
  'tokenLifetimeSeconds',
  'tokenFormat',
  'signingAlgorithm',
  'senderConstraint',
  'introspectionClients',
  'authorizationDetails',
]

/** The administration of resources and grants over one editor. */
export function resourceAdministration(editor: RegistryEditor): ResourceAdministration {
  function change(
    resource: string,
    changed: (record: ResourceRecord, snapshot: RegistrySnapshot) => ResourceRecord,
  ): Promise<ResourceRecord> {
    return editor.edit((snapshot) => {
      const record = changed(knownResource(snapshot, resource), snapshot)
      const require = { unchangedSince: snapshot.revision }
      return { changes: [{ kind: 'resource', record, require }], result: record }
    })
  }

  return {
    async createResource(options) {
      const caller = 'createResource'
      assertKnownOptions(caller, options, ['resource', 'scopes', ...SETTINGS])
      const resource = parseResource(requiredString(caller, 'resource', options.resource))
      if (!resource.ok) {
        throw new ArgumentError(
          'ERR_ARGUMENT_VALUE',
          'resource',
          `${caller}: 'resource' ${resource.reason}`,
        )
      }
      const record: ResourceRecord = {
        resource: resource.value,
        name: resource.value,
        scopes: parseDeclaredScopes(caller, options.scopes),
        tokenLifetimeSeconds: 3600,
        tokenFormat: 'jwt',
        signingAlgorithm: 'ES256',
        senderConstraint: 'none',
        introspectionClients: [],
        authorizationDetails: {},
        ...parseSettings(caller, options),
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
        for (const clientId of record.introspectionClients) knownClient(snapshot, clientId)
        return { changes: [{ kind: 'resource', record, require: 'absent' }], result: record }
      })
    },
    async updateResource(options) {
      const caller = 'updateResource'
      assertKnownOptions(caller, options, ['resource', 'scopes', ...SETTINGS])
      const resource = requiredString(caller, 'resource', options.resource)
      const settings = {
        ...parseSettings(caller, options),
        ...(options.scopes !== undefined && {
          scopes: parseDeclaredScopes(caller, options.scopes),
        }),
      }
      return change(resource, (record, snapshot) => {
        for (const clientId of settings.introspectionClients ?? []) knownClient(snapshot, clientId)
        return { ...record, ...settings }
      })
    },
    disableResource: async (resource) =>
      change(requiredString('disableResource', 'resource', resource), (record) => ({
        ...record,
        state: 'disabled',
      })),
    enableResource: async (resource) =>
      change(requiredString('enableResource', 'resource', resource), (record) => ({
        ...record,
        state: 'active',
      })),
    async listResources() {
      const { resources } = await editor.read()
      return Array.from(resources.values()).toSorted((left, right) =>
        left.resource < right.resource ? -1 : 1,
      )
    },
    async grant(options) {
      const caller = 'grant'
      assertKnownOptions(caller, options, [
        'clientId',
        'resource',
        'scopes',
        'tokenLifetimeSeconds',
        'authorizationDetailsTypes',
      ])
      const clientId = requiredString(caller, 'clientId', options.clientId)
      const resource = requiredString(caller, 'resource', options.resource)
      const scopes = parseScopes(caller, options.scopes)
      const { tokenLifetimeSeconds: lifetime, authorizationDetailsTypes: types = [] } = options
      const record: GrantRecord = {
        clientId,
        resource,
        scopes,
        tokenLifetimeSeconds: lifetime === undefined ? null : parseLifetime(caller, lifetime),
        authorizationDetailsTypes: parseNames(caller, 'authorizationDetailsTypes', types),
        createdAt: editor.now(),
      }
      return editor.edit((snapshot) => {
        const { grants } = knownClient(snapshot, clientId)
        assertDeclared(knownResource(snapshot, resource), record)
        const require = grants.has(resource) ? { unchangedSince: snapshot.revision } : 'absent'
        return { changes: [{ kind: 'grant', record, require }], result: record }
      })
    },
  }
}

/** The resource of that URI. Throws: `resource_unknown`, with the nearest one there is. */
export function knownResource(snapshot: RegistrySnapshot, resource: string): ResourceRecord {
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

function assertDeclared(resource: ResourceRecord, grant: GrantRecord): void {
  const unknown = grant.scopes.find((scope) => !resource.scopes.includes(scope))
  if (unknown !== undefined) {
    throw new AdministrationError(
      'scope_unknown',
      `resource '${resource.resource}' has no scope '${unknown}'; it has ${resource.scopes.join(', ')}`,
    )
  }
  const type = grant.authorizationDetailsTypes.find(
    (one) => !Object.hasOwn(resource.authorizationDetails, one),
  )
  if (type !== undefined) {
    throw new AdministrationError(
      'authorization_details_unknown',
      `resource '${resource.resource}' takes no authorization details of type '${type}'`,
    )
  }
}
