/** What parsing gives: the value, or what was wrong with the text. Never an exception. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | Unparsed

/** Why a text was not understood. Holds none of the text itself, so it is safe to log. */
export interface Unparsed {
  readonly ok: false
  /** The member, parameter or header at fault, such as `expires_in`. */
  readonly member: string
  /** Plain English, for a log or an error message; constant for each kind of fault. */
  readonly reason: string
}

export function parsed<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value }
}

export function unparsed(member: string, reason: string): Unparsed {
  return { ok: false, member, reason }
}
