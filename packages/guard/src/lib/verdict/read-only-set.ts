/** A set that nobody can change: one principal serves every call of its token. */
export function readOnlySet(members: Iterable<string>): ReadonlySet<string> {
  return Object.setPrototypeOf(new Set(members), READ_ONLY_SET) as ReadonlySet<string>
}

const READ_ONLY_SET: object = Object.create(
  Set.prototype,
  Object.fromEntries(['add', 'delete', 'clear'].map((name) => [name, { value: refuseChange }])),
) as object

function refuseChange(): never {
  throw new TypeError('what a principal may do cannot be changed')
}
