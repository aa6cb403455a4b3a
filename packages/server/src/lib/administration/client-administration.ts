import { randomUUID } from 'node:crypto'
import {
  ArgumentError,
  assertKnownOptions,
  nearestName,
  optionalNumber,
  requiredString,
} from '@countersign/protocol'
import type { ClientRecord, CredentialRecord } from '../registry/records.ts'
import type { RegistryChange } from '../registry/registry-store.ts'
import type { RegisteredClient, RegistrySnapshot } from '../registry/snapshot.ts'
import type { Secret } from '../secrets/secret.ts'
import {
  AUTHENTICATION_METHOD_NAMES,
  type AuthenticationMethodName,
} from '../client-authentication/method-names.ts'
import { isLive } from '../client-authentication/live-credential.ts'
import { AdministrationError } from './administration-error.ts'
import { assertCredentialRoom } from './credential-room.ts'
import {
  clientSummary,
  credentialSummary,
  type ClientSummary,
  type CredentialSummary,
} from './client-summary.ts'
import { makeCredential } from './make-credential.ts'
import type { NewCredential } from './new-credential.ts'
import type { UsageStore } from '../stores/usage-store.ts'
import type { RegistryEditor } from './registry-editor.ts'
import { knownIssuer } from './trusted-issuer-administration.ts'
import { optionalText } from './trimmed-text.ts'

/** A credential just made. Its secret is known here and nowhere else: show it, once. */
export interface CreatedCredential {
  readonly client: ClientRecord
  readonly credential: CredentialSummary
  readonly secret: Secret
}

/** A client just made, with its first credential if it has one. */
export interface CreatedClient {
  readonly client: ClientRecord
  readonly credential: CredentialSummary | undefined
  /** Where this server made one: show it, once. */
  readonly secret: Secret | undefined
}

/** Changes to clients and their secrets. */
export interface ClientAdministration {
  /**
   * Registers a client with one secret. `clientId` is 1 to 128 of `A-Z a-z 0-9 . _ ~ -`, a random
   * one where it is left out. The client may do nothing until something is granted to it.
   *
   * Throws: `client_exists`.
   */
  createClient(options?: {
    readonly clientId?: string
    readonly name?: string
  }): Promise<CreatedCredential>
  /**
   * As above, with a first credential of any kind in place of the secret, or with none: `null`.
   *
   * Throws: `client_exists`, `issuer_unknown`.
   */
  createClient(options: {
    readonly clientId?: string
    readonly name?: string
    readonly credential: NewCredential | null
  }): Promise<CreatedClient>
  /** Every client, disabled ones included, in the order of their identifiers. */
  listClients(): Promise<readonly ClientSummary[]>
  /**
   * Refuses the client from now on. For as long, its tokens end at introspection and in the revocation feed;
   * who asks neither takes them until they expire.
   */
  disableClient(clientId: string): Promise<ClientRecord>
  /** Undoes {@link ClientAdministration.disableClient}: tokens that have not expired are good again. */
  enableClient(clientId: string): Promise<ClientRecord>
  /**
   * Says which authentication methods a client may use; `null` for every one it has a credential for.
   * A request by another is refused, although its proof is good.
   *
   * Throws: `client_unknown`.
   */
  setAuthenticationMethods(
    clientId: string,
    methods: readonly AuthenticationMethodName[] | null,
  ): Promise<ClientRecord>
  /**
   * Adds a secret and lets the older ones expire after `overlap` milliseconds, by default a day: the
   * time there is to hand the new one out. 0 ends the old ones at once. Credentials of other kinds are
   * left as they are. The client may have 50 that are not retired.
   *
   * Throws: `client_unknown`, `too_many_credentials`.
   */
  rotateSecret(
    clientId: string,
    options?: { readonly overlap?: number; readonly label?: string },
  ): Promise<CreatedCredential>
}

const DAY = 86_400_000

interface NewClient {
  readonly clientId?: string
  readonly name?: string
}

interface WithCredential {
  readonly credential: NewCredential | null
}

/** The administration of clients over one editor. */
export function clientAdministration(
  editor: RegistryEditor,
  usage: UsageStore,
): ClientAdministration {
  const { keyRing, now } = editor

  function changeClient(clientId: string, members: Partial<ClientRecord>): Promise<ClientRecord> {
    return editor.edit((snapshot) => {
      const client = { ...knownClient(snapshot, clientId).client, ...members }
      const require = { unchangedSince: snapshot.revision }
      return { changes: [{ kind: 'client', record: client, require }], result: client }
    })
  }

  async function createClient(options?: NewClient): Promise<CreatedCredential>
  async function createClient(options: NewClient & WithCredential): Promise<CreatedClient>
  async function createClient(
    given: NewClient & Partial<WithCredential> = {},
  ): Promise<CreatedClient> {
    const caller = 'createClient'
    assertKnownOptions(caller, given, ['clientId', 'name', 'credential'])
    const options: NewClient & Partial<WithCredential> = given
    const clientId = parseClientId(options.clientId ?? randomUUID())
    const name = optionalText(caller, 'name', options.name) ?? clientId
    const createdAt = now()
    const client: ClientRecord = {
      clientId,
      name,
      state: 'active',
      authenticationMethods: null,
      createdAt,
    }
    const { credential = { kind: 'secret', label: 'first' } } = options
    const made =
      credential === null
        ? undefined
        : await makeCredential(caller, credential, {
            keyRing,
            clientId,
            client: undefined,
            createdAt,
          })
    return editor.edit<CreatedClient>((snapshot) => {
      if (snapshot.clients.has(clientId)) {
        throw new AdministrationError(
          'client_exists',
          `client '${clientId}' exists; rotate its secret or choose another identifier`,
        )
      }
      const changes: RegistryChange[] = [{ kind: 'client', record: client, require: 'absent' }]
      if (made === undefined) {
        return { changes, result: { client, credential: undefined, secret: undefined } }
      }
      if (made.record.kind === 'federated') knownIssuer(snapshot, made.record.issuer)
      changes.push({ kind: 'credential', record: made.record, require: 'absent' })
      return {
        changes,
        result: { client, credential: credentialSummary(made.record), secret: made.secret },
      }
    })
  }

  return {
    createClient,
    async listClients() {
      const [snapshot, told] = await Promise.all([editor.read(), usage.read()])
      const uses = new Map(told.map((use) => [use.credentialId, use]))
      return Array.from(snapshot.clients.values(), (client) =>
        clientSummary(client, { uses, snapshot, now: now() }),
      ).toSorted((left, right) => (left.clientId < right.clientId ? -1 : 1))
    },
    disableClient: (clientId) => changeClient(clientId, { state: 'disabled' }),
    enableClient: (clientId) => changeClient(clientId, { state: 'active' }),
    async setAuthenticationMethods(clientId, methods) {
      const known: readonly unknown[] = AUTHENTICATION_METHOD_NAMES
      if (
        methods !== null &&
        !(Array.isArray(methods) && methods.every((one) => known.includes(one)))
      ) {
        throw new ArgumentError(
          'ERR_ARGUMENT_VALUE',
          'methods',
          `setAuthenticationMethods: 'methods' must be null, or some of ${known.join(', ')}`,
        )
      }
      return changeClient(clientId, { authenticationMethods: methods && [...methods] })
    },
    async rotateSecret(clientId, options = {}) {
      const caller = 'rotateSecret'
      assertKnownOptions(caller, options, ['overlap', 'label'])
      const overlap = optionalNumber(caller, 'overlap', options.overlap, {
        fallback: DAY,
        min: 0,
        max: 365 * DAY,
      })
      const label = optionalText(caller, 'label', options.label) ?? 'rotated'
      const createdAt = now()
      const before = knownClient(await editor.read(), clientId)
      // A client that signs with its secret must go on being able to.
      const sealed = Array.from(before.credentials.values()).some(
        (one) => one.kind === 'secret' && one.sealedSecret !== null && isLive(one, createdAt),
      )
      const made = await makeCredential(
        caller,
        { kind: 'secret', label, sealed },
        { keyRing, clientId, client: before, createdAt },
      )
      if (made.secret === undefined) throw new Error('a new secret has a text')
      const { secret } = made
      return editor.edit((snapshot) => {
        const registered = knownClient(snapshot, clientId)
        const expiresAt = createdAt + overlap
        const ended: CredentialRecord[] = []
        for (const credential of registered.credentials.values()) {
          if (credential.kind !== 'secret' && credential.kind !== 'imported_secret') continue
          if (credential.state !== 'active' || (credential.expiresAt ?? Infinity) <= expiresAt) {
            continue
          }
          ended.push({ ...credential, expiresAt })
        }
        assertCredentialRoom(registered, [made.record, ...ended], createdAt)
        const require = { unchangedSince: snapshot.revision }
        const changes: RegistryChange[] = [
          { kind: 'credential', record: made.record, require: { aloneSince: snapshot.revision } },
          ...ended.map((record) => ({ kind: 'credential', record, require }) as const),
        ]
        return {
          changes,
          result: { client: registered.client, credential: credentialSummary(made.record), secret },
        }
      })
    },
  }
}

/** The client of that identifier. Throws: `client_unknown`, with the nearest identifier there is. */
export function knownClient(snapshot: RegistrySnapshot, clientId: string): RegisteredClient {
  const client = snapshot.clients.get(clientId)
  if (client !== undefined) return client
  const nearest = nearestName(String(clientId), [...snapshot.clients.keys()])
  throw new AdministrationError(
    'client_unknown',
    nearest === undefined
      ? 'there is no client of that identifier; list the clients, or create it'
      : `there is no client of that identifier; did you mean '${nearest}'?`,
  )
}

function parseClientId(clientId: unknown): string {
  const text = requiredString('createClient', 'clientId', clientId)
  if (/^[A-Za-z0-9._~-]{1,128}$/.test(text)) return text
  throw new ArgumentError(
    'ERR_ARGUMENT_VALUE',
    'clientId',
    "createClient: 'clientId' must be 1 to 128 of A-Z a-z 0-9 . _ ~ -",
  )
}
