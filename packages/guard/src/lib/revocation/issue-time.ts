import type { VerifiedAccessToken } from '../token/token-verifier.ts'

/**
 * When a token was issued, in seconds; 0 where nobody says, as the answer about an opaque token need not.
 *
 * Such a token may be older than any mark, so every mark reaches it. The instant that stands in for its
 * `iat` elsewhere is that of the answer: by it a token would be younger each time its issuer is asked.
 * Source: RFC 7662 section 2.2.
 */
export function issueTime({ claims }: VerifiedAccessToken): number {
  return 'iat' in claims.all ? claims.iat : 0
}
