/**
 * Whether no request may wait for what another one has begun, as on Cloudflare Workers: a promise
 * must not cross requests there, a value may.
 */
export function isRequestBound(): boolean {
  return globalThis.navigator?.userAgent === 'Cloudflare-Workers'
}
