import type { AccessTokenClaims } from '@countersign/protocol'
import type { RevocationTarget } from '../registry/records.ts'
import { markKey } from '../registry/registry-store.ts'
import type { RegistrySnapshot } from '../registry/snapshot.ts'

/** What ended a genuine token before its time. */
export type TokenEnd = 'revoked' | 'client_disabled' | 'credential_disabled' | 'resource_disabled'

/**
 * What ended a genuine token before its time; `undefined` while it lives.
 *
 * A token ends when it is revoked itself, when everything of its client, credential, key or resource
 * issued up to an instant is revoked, and for as long as one of these is disabled.
 */
export function tokenEnd(
  { claims, kid }: { readonly claims: AccessTokenClaims; readonly kid: string | undefined },
  snapshot: RegistrySnapshot,
): TokenEnd | undefined {
  const { client_id: clientId, aud, jti, iat } = claims
  const registered = snapshot.clients.get(clientId)
  if (registered?.client.state !== 'active') return 'client_disabled'
  const credentialId = claims.all['credential_id']
  if (
    typeof credentialId === 'string' &&
    registered.credentials.get(credentialId)?.state !== 'active'
  ) {
    return 'credential_disabled'
  }
  if (!aud.every((one) => snapshot.resources.get(one)?.state === 'active')) {
    return 'resource_disabled'
  }

  const isMarked = (target: RevocationTarget, id: unknown): boolean => {
    if (typeof id !== 'string') return false
    const mark = snapshot.revocations.get(markKey(target, id))
    return mark !== undefined && iat * 1000 <= mark.notAfter
  }
  const ended =
    isMarked('token', jti) ||
    isMarked('client', clientId) ||
    isMarked('credential', credentialId) ||
    isMarked('signing_key', kid) ||
    aud.some((one) => isMarked('resource', one))
  return ended ? 'revoked' : undefined
}
