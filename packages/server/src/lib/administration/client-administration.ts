import { randomUUID } from 'node:crypto'
import {
  ArgumentError,
  assertKnownOptions,
  nearestName,
  optionalNumber,
  optionalString,
  requiredString,
} from '@countersign/protocol'
import type {
  ClientRecord,
  CredentialBase,
  CredentialRecord,
  GrantRecord,
  RecordState,
} from '../registry/records.ts'
import type { RegistryChange } from '../registry/registry-store.ts'
import type { RegisteredClient, RegistrySnapshot } from '../registry/snapshot.ts'
import type { KeyRing } from '../secrets/derived-keys.ts'
import { generateSecret } from '../secrets/generated-secret.ts'
import { secret, type Secret } from '../secrets/secret.ts'
import { secretDigest } from '../secrets/secret-digest.ts'
import { AdministrationError } from './administration-error.ts'
import type { RegistryEditor } from './registry-editor.ts'

/** A credential without what only the server may know of it. */
export type CredentialSummary = CredentialBase & {
  readonly kind: CredentialRecord['kind']
}

/** A client with its credentials and grants, nothing secret. */
export interface ClientSummary extends ClientRecord {
  readonly credentials: readonly CredentialSummary[]
  readonly grants: readonly GrantRecord[]
}

/** A credential just made. Its secret is known here and nowhere else: show it, once. */
export interface CreatedCredential {
  readonly client: ClientRecord
  readonly credential: CredentialSummary
  readonly secret: Secret
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
  /** Every client, disabled ones included, in the order of their identifiers. */
  listClients(): Promise<readonly ClientSummary[]>
  /** Refuses the client from now on. Tokens it has stay good until they expire. */
  disableClient(clientId: string): Promise<ClientRecord>
  /** Undoes {@link ClientAdministration.disableClient}. */
  enableClient(clientId: string): Promise<ClientRecord>
  /**
   * Adds a secret and lets the older ones expire after `overlap` milliseconds, by default a day: the
   * time there is to hand the new one out. 0 ends the old ones at once.
   *
   * Throws: `client_unknown`.
   */
  rotateSecret(
    clientId: string,
    options?: { readonly overlap?: number; readonly label?: string },
  ): Promise<CreatedCredential>
}

const DAY = 86_400_000

/** The administration of clients over one editor. */
export function clientAdministration(editor: RegistryEditor): ClientAdministration {
  const { keyRing, now } = editor

  function setState(clientId: string, state: RecordState): Promise<ClientRecord> {
    return editor.edit((snapshot) => {
      const client = { ...knownClient(snapshot, clientId).client, state }
      const require = { unchangedSince: snapshot.revision }
      return { changes: [{ kind: 'client', record: client, require }], result: client }
    })
  }

  return {
    async createClient(options = {}) {
      assertKnownOptions('createClient', options, ['clientId', 'name'])
      const clientId = parseClientId(options.clientId ?? randomUUID())
      const name = optionalString('createClient', 'name', options.name) ?? clientId
      const createdAt = now()
      const client: ClientRecord = {
        clientId,
        name,
        state: 'active',
        authenticationMethods: null,
        createdAt,
      }
      const made = makeCredential(keyRing, { clientId, label: 'first', createdAt })
      return editor.edit((snapshot) => {
        if (snapshot.clients.has(clientId)) {
          throw new AdministrationError(
            'client_exists',
            `client '${clientId}' exists; rotate its secret or choose another identifier`,
          )
        }
        const changes: RegistryChange[] = [
          { kind: 'client', record: client, require: 'absent' },
          { kind: 'credential', record: made.record, require: 'absent' },
        ]
        return {
          changes,
          result: { client, credential: summary(made.record), secret: made.secret },
        }
      })
    },
    async listClients() {
      const { clients } = await editor.read()
      return Array.from(clients.values(), toSummary).toSorted((left, right) =>
        left.clientId < right.clientId ? -1 : 1,
      )
    },
    disableClient: (clientId) => setState(clientId, 'disabled'),
    enableClient: (clientId) => setState(clientId, 'active'),
    async rotateSecret(clientId, options = {}) {
      const caller = 'rotateSecret'
      assertKnownOptions(caller, options, ['overlap', 'label'])
      const overlap = optionalNumber(caller, 'overlap', options.overlap, {
        fallback: DAY,
        min: 0,
        max: 365 * DAY,
      })
      const label = optionalString(caller, 'label', options.label) ?? 'rotated'
      const createdAt = now()
      const made = makeCredential(keyRing, { clientId, label, createdAt })
      return editor.edit((snapshot) => {
        const { client, credentials } = knownClient(snapshot, clientId)
        const expiresAt = createdAt + overlap
        const changes: RegistryChange[] = [
          { kind: 'credential', record: made.record, require: 'absent' },
        ]
        for (const credential of credentials.values()) {
          if (credential.state !== 'active' || (credential.expiresAt ?? Infinity) <= expiresAt) {
            continue
          }
          changes.push({
            kind: 'credential',
            record: { ...credential, expiresAt },
            require: { unchangedSince: snapshot.revision },
          })
        }
        return {
          changes,
          result: { client, credential: summary(made.record), secret: made.secret },
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

function makeCredential(
  { current }: KeyRing,
  about: { readonly clientId: string; readonly label: string; readonly createdAt: number },
): { readonly record: CredentialRecord; readonly secret: Secret } {
  const text = generateSecret()
  const record: CredentialRecord = {
    ...about,
    credentialId: randomUUID(),
    kind: 'secret',
    digest: secretDigest(current.pepper, text).toString('base64url'),
    masterKeyVersion: current.version,
    sealedSecret: null,
    state: 'active',
    expiresAt: null,
  }
  return { record, secret: secret(text) }
}

function toSummary({ client, credentials, grants }: RegisteredClient): ClientSummary {
  return {
    ...client,
    credentials: Array.from(credentials.values(), summary),
    grants: Array.from(grants.values()),
  }
}

function summary(record: CredentialRecord): CredentialSummary {
  const { credentialId, clientId, label, kind, state, createdAt, expiresAt } = record
  return { credentialId, clientId, label, kind, state, createdAt, expiresAt }
}
