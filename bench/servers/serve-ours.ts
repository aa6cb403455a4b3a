import { createAuthorizationServer, type AuthorizationServerOptions } from '@countersign/server'
import { nodeListener } from '@countersign/server/node'
import { listen } from './form-server.ts'
import type { OurRegistry } from './our-registry.ts'

/** Serves a registry on a loopback port, which it gives, once it is ready. */
export async function serveOurs(
  { store, masterKeys }: Pick<OurRegistry, 'store' | 'masterKeys'>,
  options: Pick<AuthorizationServerOptions, 'reuseWindow'> = {},
): Promise<number> {
  const issuer = 'https://auth.example.test'
  const server = createAuthorizationServer({ issuer, store, masterKeys, ...options })
  await server.ready()
  return listen(nodeListener(server))
}
