import { createGuard } from '@countersign/guard'
import { scopeUsage } from '@countersign/guard/usage'
import { equal, type Check } from './suite.ts'
import { reportsAt, vectorsOf } from './guard-suite.ts'

/** What counting the use of scopes promises on every runtime. */
export const USAGE_CHECKS: Readonly<Record<string, Check>> = {
  async 'the scopes of allowed requests are counted and reported'(around) {
    const { issuer, audience, now, jwks, tokens } = await vectorsOf(around)
    const endpoint = reportsAt(around, crypto.randomUUID())
    const usage = scopeUsage({
      issuer,
      endpoint,
      resource: audience,
      now: () => now,
      clientId: 'orders-api',
      clientSecret: 'secret',
      waitUntil() {},
    })
    const guard = createGuard({ issuer, audience, jwks, now: () => now, onEvent: usage.record })
    const headers = new Headers({ authorization: `Bearer ${tokens.ES256}` })
    const rule = { scope: { all: ['orders:read'] } } as const
    for (let call = 0; call < 3; call++)
      await guard({ method: 'GET', url: audience, headers }, rule)
    equal(usage.waiting, 1)
    equal(await usage.flush(), true)
    equal(await (await fetch(endpoint)).text(), '[["billing","orders:read",3]]')
    await usage.close()
  },
  async 'a report that nothing would ever send is refused where it is asked for'({ api }) {
    let option: unknown
    try {
      scopeUsage({
        issuer: 'https://as.example',
        endpoint: `${api}/none`,
        resource: 'orders',
        clientId: 'orders-api',
        clientSecret: 'secret',
      })
    } catch (error) {
      ;({ option } = error as { readonly option?: unknown })
    }
    const isBound = globalThis.navigator?.userAgent === 'Cloudflare-Workers'
    equal(option, isBound ? 'waitUntil' : undefined)
  },
}
