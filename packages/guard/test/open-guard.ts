import type { Guard, Verdict } from '@countersign/guard'

/** A guard that lets everyone in as the client `billing`, for what comes after. */
export const openGuard: Guard = Object.assign(
  async (): Promise<Verdict> => ({
    allowed: true,
    principal: { kind: 'client', clientId: 'billing', scopes: new Set<string>() },
    token: {
      issuer: 'https://as.example',
      audience: ['https://api.example'],
      id: 'token-1',
      issuedAt: 0,
      expiresAt: 1,
      claims: {},
    },
  }),
  { explain: async () => ({ allowed: true, checks: [] }), ready: async () => {} },
) as Guard
