import type { GuardEvent } from '@countersign/guard'

export const ORDERS = 'https://api.example/orders'
export const INVOICES = 'https://api.example/invoices'
/** Nobody listens there. */
export const ISSUER = 'http://127.0.0.1:9'

/** What a guard tells of a call to the API for orders, changed. */
export function allowedEvent(changed: Partial<GuardEvent & { type: 'allowed' }> = {}): GuardEvent {
  return {
    type: 'allowed',
    kind: 'client',
    clientId: 'billing',
    issuer: ISSUER,
    audience: [ORDERS],
    scopes: ['read'],
    duration: 1,
    ...changed,
  }
}
