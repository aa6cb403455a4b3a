import { ArgumentError, isJsonObject, parseJsonObject } from '@countersign/protocol'
import { credentialFailure } from '../errors/credential-failure.ts'

/** Which members of a secret with several are meant: one, or the live ones in order of preference. */
export type SecretField = string | readonly string[]

/**
 * The option `field` of a secret manager, as what finds the client secret in the text of a secret:
 * the members it names, or the text itself where it is left out. `what` names the secret in messages.
 *
 * Throws: `ArgumentError`, naming `field` of `caller`; when used `ERR_CREDENTIAL`.
 */
export function secretReader(
  caller: string,
  field: SecretField | undefined,
): (text: string, what: string) => string | readonly string[] {
  if (field === undefined) return (text) => text
  const names = secretFieldNames(caller, field)
  return (text, what) => secretFields(text, names, what)
}

/** An option `field`, checked: the names in it. */
export function secretFieldNames(caller: string, value: unknown): readonly string[] {
  const names: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (names.length > 0 && names.every((name) => typeof name === 'string' && name !== '')) {
    return names as readonly string[]
  }
  const message = `${caller}: 'field' must be the name of a member, or a list of names`
  throw new ArgumentError('ERR_ARGUMENT_TYPE', 'field', message)
}

/**
 * The members called `names` of a secret that is a JSON object or the text of one. Those that are
 * missing are left out: a next secret need not be there yet.
 *
 * Throws: `ERR_CREDENTIAL` where none is there. `what` names the secret in its message.
 */
export function secretFields(
  secret: unknown,
  names: readonly string[],
  what: string,
): readonly string[] {
  const json = typeof secret === 'string' ? parseJsonObject(secret) : undefined
  const members = json?.ok === true ? json.value : secret
  if (!isJsonObject(members)) throw without(what, 'is no JSON object, so it has no fields')
  const found = names
    .filter((name) => Object.hasOwn(members, name))
    .map((name) => members[name])
    .filter((value): value is string => typeof value === 'string' && value !== '')
  if (found.length > 0) return found
  throw without(what, `has no field ${names.join(' or ')}`)
}

function without(what: string, why: string): Error {
  const hint = "Set 'field' to the member that holds the client secret"
  return credentialFailure(`${what} ${why}`, hint)
}
