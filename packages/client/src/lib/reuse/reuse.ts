import { assertSource } from '../assert-source.ts'
import type { TokenSource } from '../token-source.ts'
import { keepToken } from './keep-token.ts'
import { assertReuseOptions, type ReuseOptions } from './reuse-options.ts'

/** Sources that `reuse` made: keeping what is kept already would only add a second margin. */
const reused = new WeakSet<TokenSource>()

/**
 * A source that keeps the token of another, for many callers at once.
 *
 * - Callers without a token to share make one request together; each may leave by its own signal.
 * - A token is renewed ahead of its end, once, in the background: nobody waits, and while it is
 *   usable a failing renewal fails no call.
 * - A failed request is shared by all who waited, and for a moment by those who come after.
 * - `rejected` names a token that an API refused: it is replaced once, however many callers name it,
 *   and a token that has been replaced already is not replaced again.
 * - Where renewed tokens are refused again and again, renewing pauses; see `renewal.paused`.
 * - A token that had ended when it came, because the exchange took longer than it lives, is handed to
 *   nobody: one more is asked for within the same deadline, and then it is `ERR_NO_TOKEN`.
 * - A token's life is measured by the clock and by a monotonic clock, and the one that says more
 *   counts: setting the clock back, or sleep, makes no token last.
 *
 * All callers get the same token: what tells tokens apart ({@link TokenVariation}) is not looked at.
 * Nothing is begun while it is made, so it may stand at the top of a module on every platform.
 * No timers: renewal happens when somebody asks, so nothing keeps a process alive. A source that
 * was made by `reuse` comes back as it is.
 *
 * Throws when made: `ArgumentError`. Rejects: as the source does; `ERR_TIMEOUT` when it hangs.
 */
export function reuse(source: TokenSource, options: ReuseOptions = {}): TokenSource {
  assertSource('reuse', source)
  assertReuseOptions(options)
  if (reused.has(source)) return source
  const keeper = keepToken(source, options)
  reused.add(keeper.source)
  return keeper.source
}
