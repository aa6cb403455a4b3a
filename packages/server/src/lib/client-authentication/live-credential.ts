import type { CredentialRecord } from '../registry/records.ts'

/** Whether a credential is in force at an instant: neither disabled nor expired. */
export function isLive({ state, expiresAt }: CredentialRecord, now: number): boolean {
  return state === 'active' && now < (expiresAt ?? Infinity)
}
