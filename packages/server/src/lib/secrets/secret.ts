/**
 * A secret on its way to the one who needs it. It prints as `[secret]` wherever it is printed whole.
 *
 * Only {@link Secret.reveal} gives the text, so that a log line or an error cannot hold it by chance.
 */
export interface Secret {
  /** The secret itself. Show it once, to its owner, and let it go. */
  reveal(): string
  toString(): string
  toJSON(): string
}

/** Wraps a text so that `String()`, JSON and `util.inspect` show `[secret]` in its place. */
export function secret(text: string): Secret {
  // The text lives in the closure alone: no property holds it, not even a hidden one.
  return Object.freeze({
    reveal: () => text,
    toString: () => PRINTED,
    toJSON: () => PRINTED,
    [Symbol.for('nodejs.util.inspect.custom')]: () => PRINTED,
  })
}

const PRINTED = '[secret]'
