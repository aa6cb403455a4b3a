import type { Form } from '@countersign/protocol'
import { ProtocolError } from '../protocol-error.ts'

/** The `token` parameter. `token_type_hint` is not looked at: every kind is searched anyway. */
export function presentedToken(form: Form): string {
  const token = form.get('token')?.[0]
  if (token === undefined || token === '') throw new ProtocolError('token_missing')
  return token
}
