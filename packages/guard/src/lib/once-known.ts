/**
 * Goes on with a value: at once where it is there, once it is known where it is promised.
 *
 * A promise costs a turn of the queue, which a token that is checked in place need not pay.
 */
export function onceKnown<Value, Result>(
  value: Value | Promise<Value>,
  next: (value: Value) => Result | Promise<Result>,
): Result | Promise<Result> {
  return value instanceof Promise ? value.then(next) : next(value)
}
