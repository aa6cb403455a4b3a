/**
 * Tells the authorization server which scopes are used at an API, and by whom.
 *
 * @module
 */
export { scopeUsage, type ScopeUsage } from './lib/usage/scope-usage.ts'
export type { ScopeUsageEvent, ScopeUsageOptions } from './lib/usage/scope-usage-options.ts'
export type { ReportFault } from './lib/usage/send-report.ts'
