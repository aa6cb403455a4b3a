import type { RevocationRecord, RevocationTarget } from '../registry/records.ts'
import { markKey } from '../registry/registry-store.ts'
import type { RegistrySnapshot } from '../registry/snapshot.ts'
import { LONGEST_LIFE, VERIFIER_TOLERANCE } from '../tokens/live-marks.ts'
import { AdministrationError } from './administration-error.ts'
import { knownClient } from './client-administration.ts'
import type { RegistryEditor } from './registry-editor.ts'
import { requiredIdentifier } from './required-identifier.ts'
import { knownResource } from './resource-administration.ts'

/**
 * Ends tokens that were issued, all of them or one, with one mark each.
 *
 * Each takes effect at introspection and in the revocation feed once a server has seen it, within its
 * `followInterval`. What ends is what was issued up to this instant, by the clock of the machine this
 * runs on and in whole seconds: a token issued later in the same second ends with the rest. Tokens
 * issued afterwards are good; to refuse those too, disable the client or resource.
 */
export interface RevocationAdministration {
  /** Ends one token, by its `jti`. It need not be known here. */
  revokeToken(jti: string): Promise<RevocationRecord>
  /** Ends every token of a client. Throws: `client_unknown`. */
  revokeClientTokens(clientId: string): Promise<RevocationRecord>
  /** Ends every token that was got with one credential. Throws: `credential_unknown`. */
  revokeCredentialTokens(credentialId: string): Promise<RevocationRecord>
  /**
   * Ends every token that one key signed so far; it goes on signing. A key that leaked is ended by
   * `revokeSigningKey`. Throws: `signing_key_unknown`.
   */
  revokeKeyTokens(kid: string): Promise<RevocationRecord>
  /** Ends every token for a resource. Throws: `resource_unknown`. */
  revokeResourceTokens(resource: string): Promise<RevocationRecord>
  /** The marks that have not served yet, the newest first. */
  listRevocations(): Promise<readonly RevocationRecord[]>
}

/** What fits a token: its own marks are kept until then too. */
const MAX_IDENTIFIER = 256

/** The administration of revocation over one editor. */
export function revocationAdministration(editor: RegistryEditor): RevocationAdministration {
  function mark(
    target: RevocationTarget,
    id: string,
    assertKnown: (snapshot: RegistrySnapshot) => void = () => {},
  ): Promise<RevocationRecord> {
    const createdAt = editor.now()
    // The lifetime of a resource may have been longer when the tokens were issued: the bound is what
    // any resource could have had.
    return editor.edit((snapshot) => {
      assertKnown(snapshot)
      const known = snapshot.revocations.get(markKey(target, id))
      // A mark that ends more, such as that of a revoked key, must not end less afterwards.
      const record: RevocationRecord = {
        target,
        id,
        notAfter: Math.max(Math.floor(createdAt / 1000) * 1000, known?.notAfter ?? 0),
        expiresAt: Math.max(createdAt + LONGEST_LIFE + VERIFIER_TOLERANCE, known?.expiresAt ?? 0),
        createdAt,
      }
      const require = known === undefined ? 'absent' : { unchangedSince: snapshot.revision }
      return { changes: [{ kind: 'revocation', record, require }], result: record }
    })
  }

  return {
    async revokeToken(jti) {
      const id = requiredIdentifier('revokeToken', 'jti', jti, MAX_IDENTIFIER)
      return mark('token', id)
    },
    revokeClientTokens: (clientId) =>
      mark('client', clientId, (snapshot) => knownClient(snapshot, clientId)),
    revokeCredentialTokens: (credentialId) =>
      mark('credential', credentialId, (snapshot) => assertCredential(snapshot, credentialId)),
    revokeKeyTokens: (kid) => mark('signing_key', kid, (snapshot) => assertKey(snapshot, kid)),
    revokeResourceTokens: (resource) =>
      mark('resource', resource, (snapshot) => knownResource(snapshot, resource)),
    async listRevocations() {
      const { revocations } = await editor.read()
      const now = editor.now()
      return Array.from(revocations.values())
        .filter(({ expiresAt }) => expiresAt > now)
        .toSorted((left, right) => right.createdAt - left.createdAt)
    },
  }
}

function assertCredential({ clients }: RegistrySnapshot, credentialId: string): void {
  for (const { credentials } of clients.values()) if (credentials.has(credentialId)) return
  throw new AdministrationError(
    'credential_unknown',
    'there is no credential of that identifier; list the clients to see their credentials',
  )
}

function assertKey({ signingKeys }: RegistrySnapshot, kid: string): void {
  if (signingKeys.has(kid)) return
  throw new AdministrationError(
    'signing_key_unknown',
    'there is no signing key of that identifier; list the signing keys',
  )
}
