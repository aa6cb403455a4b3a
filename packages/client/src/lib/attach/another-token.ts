import type { AccessToken } from '../access-token.ts'
import type { TokenSource } from '../token-source.ts'
import { attachableToken } from './attachable-token.ts'

/**
 * Another token than the one an API refused, or `undefined` where there is none: the API's answer
 * then stands.
 *
 * Rejects only when `signal` is aborted, with its reason.
 */
export async function anotherToken(
  source: TokenSource,
  rejected: AccessToken,
  { signal, now }: { readonly signal?: AbortSignal | undefined; readonly now: () => number },
): Promise<AccessToken | undefined> {
  try {
    const asked = await source(signal === undefined ? { rejected } : { rejected, signal })
    const token = attachableToken(asked, now)
    return token.value === rejected.value ? undefined : token
  } catch {
    if (signal?.aborted === true) throw signal.reason
    return undefined
  }
}
