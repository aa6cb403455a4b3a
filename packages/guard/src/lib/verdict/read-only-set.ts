/**
 * A set that nobody can change: one principal serves every call of its token. The same frozen list gives
 * the same set.
 */
export function readOnlySet(members: readonly string[]): ReadonlySet<string> {
  const held = SETS.get(members)
  if (held !== undefined) return held
  const set = Object.setPrototypeOf(new Set(members), READ_ONLY_SET) as ReadonlySet<string>
  if (Object.isFrozen(members)) SETS.set(members, set)
  return set
}

const SETS = new WeakMap<readonly string[], ReadonlySet<string>>()
const READ_ONLY_SET: object = Object.create(
  Set.prototype,
  Object.fromEntries(['add', 'delete', 'clear'].map((name) => [name, { value: refuseChange }])),
) as object

function refuseChange(): never {
  throw new TypeError('what a principal may do cannot be changed')
}
