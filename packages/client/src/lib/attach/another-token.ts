import type { AccessToken } from '../access-token.ts'
import type { TokenRequest, TokenSource } from '../token-source.ts'

/**
 * Another token than the one an API refused, or `undefined` where there is none: the API's answer
 * then stands. `take` checks what the source gives.
 *
 * Rejects only when the request's signal is aborted, with its reason.
 */
export async function anotherToken(
  source: TokenSource,
  request: TokenRequest & { readonly rejected: AccessToken },
  take: (token: AccessToken | undefined) => AccessToken | Promise<AccessToken>,
): Promise<AccessToken | undefined> {
  try {
    const token = await take(await source(request))
    return token.value === request.rejected.value ? undefined : token
  } catch {
    const { signal } = request
    if (signal?.aborted === true) throw signal.reason
    return undefined
  }
}
