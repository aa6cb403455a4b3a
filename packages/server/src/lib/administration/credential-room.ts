import type { CredentialRecord } from '../registry/records.ts'
import type { RegisteredClient } from '../registry/snapshot.ts'
import { AdministrationError } from './administration-error.ts'

/**
 * How many credentials a client may have that are not retired: 50.
 *
 * Two would do for a rotation with an overlap, and a client in a dozen environments with a key and its
 * successor in each has two dozen; one that is rotated every night with an overlap of a month has 31. More
 * is a script that never retires anything. Each of them opens the client's door, and each is compared with
 * what a request presents.
 */
const MAX_CREDENTIALS = 50

/**
 * Refuses changes after which a client has more credentials than it may.
 *
 * What has expired does not count. What is disabled does: it can be enabled again, and that must not fail.
 * It holds for two administrators at the same instant where the new one is written with `aloneSince`.
 * Throws: `too_many_credentials`.
 */
export function assertCredentialRoom(
  client: RegisteredClient,
  changed: readonly CredentialRecord[],
  now: number,
): void {
  const after = new Map(client.credentials)
  for (const record of changed) after.set(record.credentialId, record)
  const unretired = Array.from(after.values()).filter(
    ({ expiresAt }) => now < (expiresAt ?? Infinity),
  )
  if (unretired.length <= MAX_CREDENTIALS) return
  throw new AdministrationError(
    'too_many_credentials',
    `a client may have ${MAX_CREDENTIALS} credentials that are not retired; retire those that are not used any more, or rotate with a shorter overlap`,
  )
}
