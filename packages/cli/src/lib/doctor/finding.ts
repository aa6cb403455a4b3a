/** What one check of the doctor found. */
export interface Finding {
  /** What was checked, in a word or two. */
  readonly check: string
  /** `note`: it works, and somebody should know; `skipped`: an earlier problem stood in the way. */
  readonly state: 'ok' | 'note' | 'problem' | 'skipped'
  /** What was seen. No secret and no token is in it. */
  readonly says: string
  /** What to do about it. */
  readonly cure?: string
}

/** Everything is as it should be. */
export function ok(check: string, says: string): Finding {
  return { check, state: 'ok', says }
}

/** It works, and somebody should know. */
export function note(check: string, says: string, cure: string): Finding {
  return { check, state: 'note', says, cure }
}

/** It does not work. */
export function problem(check: string, says: string, cure: string): Finding {
  return { check, state: 'problem', says, cure }
}

/** It could not be checked. */
export function skipped(check: string, says: string): Finding {
  return { check, state: 'skipped', says }
}
