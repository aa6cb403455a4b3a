/**
 * Whom a client's assertion about itself may be for.
 *
 * `issuer`: our issuer identifier as one string, and nothing else. An assertion for an address can be
 * meant for another server that gave out our address as its own. `issuer-or-token-endpoint`: that, or
 * the address of our token endpoint, or a list of nothing but these two: for clients that cannot do
 * better yet.
 */
export type AssertionAudience = 'issuer' | 'issuer-or-token-endpoint'

/** Whether an `aud` claim names us. Source: draft-ietf-oauth-rfc7523bis section 4. */
export function audienceCheck(
  audience: AssertionAudience,
  {
    issuer,
    tokenEndpoints,
  }: { readonly issuer: string; readonly tokenEndpoints: readonly string[] },
): (aud: unknown) => boolean {
  if (audience === 'issuer') return (aud) => aud === issuer
  const ours: ReadonlySet<unknown> = new Set([issuer, ...tokenEndpoints])
  return (aud) =>
    Array.isArray(aud) ? aud.length > 0 && aud.every((one) => ours.has(one)) : ours.has(aud)
}
