import type { CredentialBase, CredentialRecord, ImportedSecretProof } from '../registry/records.ts'
import type { RegisteredClient, RegistrySnapshot } from '../registry/snapshot.ts'
import type { RefusalReason } from '../refusal-reasons.ts'
import { digestsEqual } from '../secrets/secret-digest.ts'
import {
  parseSlowHash,
  standInHash,
  type SlowHash,
  type SlowHashing,
} from '../secrets/slow-hash.ts'

/**
 * Compares a secret that somebody chose with what is kept of such secrets: every credential of the
 * client that has it, or why there is none. `undefined`, at once, where no client at all has one.
 *
 * Rejects: `ServerError` where too many checks wait already.
 */
export type ImportedSecretCheck = (
  presented: {
    readonly clientId: string
    readonly client: RegisteredClient | undefined
    readonly secret: string
  },
  snapshot: RegistrySnapshot,
) => Promise<readonly CredentialRecord[] | RefusalReason> | undefined

/**
 * The check of imported secrets over one slow hashing.
 *
 * All secrets of a client share a salt, so that one hash serves them all: a client in the middle of a
 * rotation costs what an unknown one costs.
 */
export function importedSecretCheck(hashing: SlowHashing): ImportedSecretCheck {
  let looked: { readonly at: RegistrySnapshot; readonly revision: number; readonly any: boolean }

  function anyImported(snapshot: RegistrySnapshot): boolean {
    if (looked?.at !== snapshot || looked.revision !== snapshot.revision) {
      const any = Array.from(snapshot.clients.values()).some(
        (client) => imported(client).length > 0,
      )
      looked = { at: snapshot, revision: snapshot.revision, any }
    }
    return looked.any
  }

  async function compare(
    secret: string,
    clientId: string,
    client: RegisteredClient | undefined,
  ): Promise<readonly CredentialRecord[] | RefusalReason> {
    const credentials = imported(client)
    const hashes = new Map<CredentialRecord, SlowHash>()
    for (const credential of credentials) {
      const hash = parseSlowHash(credential.hash)
      if (hash !== undefined) hashes.set(credential, hash)
    }
    if (hashes.size === 0) {
      await hashing.derive(secret, standInHash(clientId), () => false)
      return client === undefined ? 'client_unknown' : 'secret_malformed'
    }
    const isRight = (derived: Uint8Array): boolean =>
      Array.from(hashes.values()).some((hash) => digestsEqual(derived, hash.derived))
    const matching: CredentialRecord[] = []
    for (const [credential, hash] of hashes) {
      // The same salt: the second time it is remembered.
      const derived = await hashing.derive(secret, hash, isRight)
      if (digestsEqual(derived, hash.derived)) matching.push(credential)
    }
    return matching
  }

  return ({ secret, clientId, client }, snapshot) =>
    anyImported(snapshot) ? compare(secret, clientId, client) : undefined
}

function imported(
  client: RegisteredClient | undefined,
): readonly (CredentialBase & ImportedSecretProof)[] {
  const all = Array.from(client?.credentials.values() ?? [])
  return all.filter((credential) => credential.kind === 'imported_secret')
}
