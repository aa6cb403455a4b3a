/** The part of the module of workerd that is used. */
declare module 'cloudflare:workers' {
  export function waitUntil(work: Promise<unknown>): void
}
