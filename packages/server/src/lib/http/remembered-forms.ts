import { parseForm, type Form } from '@countersign/protocol'
import { ProtocolError } from '../protocol-error.ts'

/** Bodies that are remembered at once, and the longest of them. */
const MAX_FORMS = 256
const MAX_LENGTH = 512

/** The only parameters of bodies that are remembered: any other may be a secret, a proof or a token. */
const KEPT: ReadonlySet<string> = new Set([
  'grant_type',
  'scope',
  'resource',
  'audience',
  'client_id',
])

const forms = new Map<string, Form>()
const kept = new WeakSet<Form>()

/**
 * The form of a body, remembered by its text: nearly every client sends the body of the one before it,
 * and reading it anew costs as much as checking its secret. A body that may have a secret in it is
 * not kept.
 *
 * Throws: `ProtocolError` for a broken form and for a parameter that is there twice and must not.
 */
export function formOf(text: string): Form {
  const known = forms.get(text)
  if (known !== undefined) return known
  const parsed = parseForm(text)
  if (!parsed.ok) throw new ProtocolError('body_unreadable')
  const form = parsed.value
  for (const [name, values] of form) {
    if (values.length > 1 && name !== 'resource') throw new ProtocolError('parameter_repeated')
  }
  if (text.length > MAX_LENGTH || ![...form.keys()].every((name) => KEPT.has(name))) return form
  if (forms.size >= MAX_FORMS) {
    const [oldest = ''] = forms.keys()
    forms.delete(oldest)
  }
  forms.set(text, form)
  kept.add(form)
  return form
}

/** What `read` makes of a form, once for each that is remembered. It must not be changed by anyone. */
export function oncePerForm<Result>(read: (form: Form) => Result): (form: Form) => Result {
  const results = new WeakMap<Form, Result>()
  return (form) => {
    if (!kept.has(form)) return read(form)
    const known = results.get(form)
    if (known !== undefined) return known
    const result = read(form)
    results.set(form, result)
    return result
  }
}
