import { assertKnownOptions, optionalNumber, requiredString } from '@countersign/protocol'
import type { ClientRecord, CredentialRecord, RecordState } from '../registry/records.ts'
import type { RegistrySnapshot } from '../registry/snapshot.ts'
import type { Secret } from '../secrets/secret.ts'
import { AdministrationError } from './administration-error.ts'
import { knownClient } from './client-administration.ts'
import { assertCredentialRoom } from './credential-room.ts'
import { credentialSummary, type CredentialSummary } from './client-summary.ts'
import { makeCredential } from './make-credential.ts'
import type { NewCredential } from './new-credential.ts'
import type { RegistryEditor } from './registry-editor.ts'
import { knownIssuer } from './trusted-issuer-administration.ts'

/** A credential just added. */
export interface AddedCredential {
  readonly client: ClientRecord
  readonly credential: CredentialSummary
  /** Where this server made one: show it, once. */
  readonly secret: Secret | undefined
}

/** Changes to the ways in which clients prove who they are. */
export interface CredentialAdministration {
  /**
   * Gives a client one more credential, of any kind; the others stay as they are. It may have 50 that are
   * not retired.
   *
   * Throws: `client_unknown`, `issuer_unknown`, `too_many_credentials`.
   */
  addCredential(clientId: string, credential: NewCredential): Promise<AddedCredential>
  /**
   * Lets a credential expire at an instant, by default now. One that ends sooner already is left as it
   * is: nothing comes back to life.
   *
   * Throws: `credential_unknown`.
   */
  retireCredential(
    credentialId: string,
    options?: { readonly at?: number },
  ): Promise<CredentialSummary>
  /**
   * Refuses a credential from now on. For as long, tokens got with it end at introspection and in the
   * revocation feed. Throws: `credential_unknown`.
   */
  disableCredential(credentialId: string): Promise<CredentialSummary>
  /** Undoes {@link CredentialAdministration.disableCredential}. */
  enableCredential(credentialId: string): Promise<CredentialSummary>
}

/** The administration of credentials over one editor. */
export function credentialAdministration(editor: RegistryEditor): CredentialAdministration {
  const { keyRing, now } = editor

  function change(
    credentialId: string,
    changed: (record: CredentialRecord) => CredentialRecord,
  ): Promise<CredentialSummary> {
    return editor.edit((snapshot) => {
      const record = changed(knownCredential(snapshot, credentialId))
      const require = { unchangedSince: snapshot.revision }
      return {
        changes: [{ kind: 'credential', record, require }],
        result: credentialSummary(record),
      }
    })
  }
  const setState = (credentialId: string, state: RecordState): Promise<CredentialSummary> =>
    change(credentialId, (record) => ({ ...record, state }))

  return {
    async addCredential(clientId, given) {
      const caller = 'addCredential'
      requiredString(caller, 'clientId', clientId)
      const client = knownClient(await editor.read(), clientId)
      const createdAt = now()
      const made = await makeCredential(caller, given, { keyRing, clientId, client, createdAt })
      return editor.edit((snapshot) => {
        const registered = knownClient(snapshot, clientId)
        assertCredentialRoom(registered, [made.record], createdAt)
        if (made.record.kind === 'federated') knownIssuer(snapshot, made.record.issuer)
        const require = { aloneSince: snapshot.revision }
        return {
          changes: [{ kind: 'credential', record: made.record, require }],
          result: {
            client: registered.client,
            credential: credentialSummary(made.record),
            secret: made.secret,
          },
        }
      })
    },
    async retireCredential(credentialId, options = {}) {
      const caller = 'retireCredential'
      assertKnownOptions(caller, options, ['at'])
      const bounds = { fallback: now(), min: 0, max: Number.MAX_SAFE_INTEGER }
      const at = optionalNumber(caller, 'at', options.at, bounds)
      return change(credentialId, (record) => ({
        ...record,
        expiresAt: Math.min(record.expiresAt ?? Infinity, at),
      }))
    },
    disableCredential: (credentialId) => setState(credentialId, 'disabled'),
    enableCredential: (credentialId) => setState(credentialId, 'active'),
  }
}

function knownCredential(snapshot: RegistrySnapshot, credentialId: string): CredentialRecord {
  for (const { credentials } of snapshot.clients.values()) {
    const credential = credentials.get(credentialId)
    if (credential !== undefined) return credential
  }
  throw new AdministrationError(
    'credential_unknown',
    'there is no credential of that identifier; list the clients: each is shown with its credentials',
  )
}
