/** The part of `fetch` that is used: pass your own for proxies, private CAs, tests or tracing. */
export type FetchFunction = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/**
 * The platform's `fetch`, looked up at each call so that it may be instrumented after import, and
 * called unbound, as some platforms insist.
 */
export const platformFetch: FetchFunction = (input, init) => globalThis.fetch(input, init)
