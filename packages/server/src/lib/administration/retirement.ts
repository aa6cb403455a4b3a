import { isLive } from '../client-authentication/live-credential.ts'
import type { CredentialRecord } from '../registry/records.ts'
import type { RegisteredClient, RegistrySnapshot } from '../registry/snapshot.ts'
import type { CredentialUse } from '../stores/usage-store.ts'

/** The least time without a use that says anything: an hour. */
const LEAST_QUIET = 3_600_000

/**
 * Whether a credential can be taken away and nobody will notice.
 *
 * One that has ended can. One that is to end can once nothing used it for as long as the longest token of
 * its client lives, an hour at least, and another credential in force was used since. One that is not to
 * end never can: nobody has said that it should.
 */
export function isSafeToRetire(
  credential: CredentialRecord,
  {
    client,
    uses,
    snapshot,
    now,
  }: {
    readonly client: RegisteredClient
    /** By credential identifier. */
    readonly uses: ReadonlyMap<string, CredentialUse>
    readonly snapshot: RegistrySnapshot
    readonly now: number
  },
): boolean {
  if (!isLive(credential, now)) return true
  if (credential.expiresAt === null) return false
  const lastUsedAt = uses.get(credential.credentialId)?.lastUsedAt ?? credential.createdAt
  if (now - lastUsedAt < quietTime(client, snapshot)) return false
  return Array.from(client.credentials.values()).some((other) => {
    const use = uses.get(other.credentialId)
    return (
      other.credentialId !== credential.credentialId &&
      isLive(other, now) &&
      use !== undefined &&
      use.lastUsedAt > lastUsedAt
    )
  })
}

/** A client with a token comes back for the next one within its life. */
function quietTime({ grants }: RegisteredClient, { resources }: RegistrySnapshot): number {
  const lives = Array.from(grants.keys(), (one) => resources.get(one)?.tokenLifetimeSeconds ?? 0)
  return Math.max(LEAST_QUIET, ...lives.map((seconds) => seconds * 1000))
}
