import { ArgumentError } from '@countersign/protocol'
import type { TokenSource } from './token-source.ts'

/** Throws: `ArgumentError` of `caller` unless `source` is a function. */
export function assertSource(caller: string, source: unknown): asserts source is TokenSource {
  if (typeof source === 'function') return
  const message = `${caller}: 'source' must be a token source`
  throw new ArgumentError('ERR_ARGUMENT_TYPE', 'source', message)
}
