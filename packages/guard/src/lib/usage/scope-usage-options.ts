import {
  ArgumentError,
  assertKnownOptions,
  optionalFunction,
  optionalNumber,
  optionalSecureUrl,
  parseIssuer,
  requiredString,
  type Issuer,
} from '@countersign/protocol'
import { isRequestBound } from '@countersign/verify'
import { readAuthorize } from '../endpoint/endpoint-options.ts'
import type { ReportFault } from './send-report.ts'

/** How reports go. Holds no client, no scope and no address. */
export type ScopeUsageEvent =
  | { readonly type: 'usage_reported'; /** Pairs of client and scope. */ readonly entries: number }
  | {
      readonly type: 'usage_failed'
      readonly fault: ReportFault
      /** In a row, this one included. */
      readonly failures: number
      /** Nothing is sent before this instant; epoch milliseconds. */
      readonly retryAt: number
      /** Pairs of client and scope that are kept for the next time. */
      readonly waiting: number
    }
  /** Too many pairs were waiting: the counts of the oldest are lost. */
  | { readonly type: 'usage_dropped'; /** Requests that are not counted. */ readonly calls: number }

/** What to count, and where to send it. */
export interface ScopeUsageOptions {
  /** The issuer whose tokens are counted, and whose server is told. */
  readonly issuer: string
  /** This API, letter by letter as the server has it: tokens with it in `aud` are counted. */
  readonly resource: string
  /** Where reports go. Default: `countersign_usage_endpoint` of the issuer's metadata. */
  readonly endpoint?: string
  /** This API as a client of the server: one of the resource's `introspectionClients`. */
  readonly clientId: string
  /** Its secret, sent as Basic credentials. Either this or `authorize` is needed. */
  readonly clientSecret?: string
  /** Gives the `Authorization` header of a report, such as `Bearer …`. */
  readonly authorize?: () => string | Promise<string>
  /** Time between reports. Milliseconds, default 10,000, from 1,000 to an hour. */
  readonly interval?: number
  /** Pairs of client and scope that are held at most. Default 10,000. */
  readonly maxEntries?: number
  /** Deadline of one report. Milliseconds, default 5,000. */
  readonly timeout?: number
  /**
   * Keeps the platform from ending a report when the request that began it has been answered, as `waitUntil`
   * of `cloudflare:workers` or `@vercel/functions` does. With it no timer runs: the first request that is
   * counted after the `interval` sends, behind its answer. Needed on Cloudflare Workers, where no timer
   * outlives its request. What it throws is dropped.
   */
  readonly waitUntil?: (work: Promise<unknown>) => void
  /** Sends. Default: the global `fetch`. For mutual TLS. */
  readonly fetch?: typeof globalThis.fetch
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
  /** Told how reports go. What it throws is dropped. */
  readonly onEvent?: (event: ScopeUsageEvent) => void
}

/** The options, checked and complete. */
export interface ScopeUsageSettings extends Required<
  Omit<
    ScopeUsageOptions,
    'issuer' | 'endpoint' | 'clientSecret' | 'clientId' | 'waitUntil' | 'onEvent'
  >
> {
  readonly issuer: Issuer
  readonly endpoint: string | undefined
  /** `undefined` where a timer sends. */
  readonly waitUntil: ((work: Promise<unknown>) => void) | undefined
  readonly emit: (event: ScopeUsageEvent) => void
}

const CALLER = 'scopeUsage'
const NAMES: readonly (keyof ScopeUsageOptions)[] = [
  'issuer',
  'resource',
  'endpoint',
  'clientId',
  'clientSecret',
  'authorize',
  'interval',
  'maxEntries',
  'timeout',
  'waitUntil',
  'fetch',
  'now',
  'onEvent',
]

/** Throws: `ArgumentError` naming the option at fault. No secret is in it. */
export function readScopeUsageOptions(options: ScopeUsageOptions): ScopeUsageSettings {
  assertKnownOptions(CALLER, options, NAMES)
  const given: ScopeUsageOptions = options
  const issuer = parseIssuer(requiredString(CALLER, 'issuer', given.issuer))
  if (!issuer.ok) {
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'issuer', `${CALLER}: 'issuer' ${issuer.reason}`)
  }
  const clientId = requiredString(CALLER, 'clientId', given.clientId)
  const onEvent: (event: ScopeUsageEvent) => unknown = optionalFunction(
    CALLER,
    'onEvent',
    given.onEvent,
    () => {},
  )
  return {
    issuer: issuer.value,
    resource: requiredString(CALLER, 'resource', given.resource),
    endpoint: optionalSecureUrl(CALLER, 'endpoint', given.endpoint),
    authorize: readAuthorize(CALLER, given, clientId),
    interval: optionalNumber(CALLER, 'interval', given.interval, {
      fallback: 10_000,
      min: 1000,
      max: 3_600_000,
    }),
    maxEntries: optionalNumber(CALLER, 'maxEntries', given.maxEntries, {
      fallback: 10_000,
      min: 1,
      max: 1_000_000,
    }),
    timeout: optionalNumber(CALLER, 'timeout', given.timeout, {
      fallback: 5000,
      min: 1,
      max: 60_000,
    }),
    waitUntil: readWaitUntil(given.waitUntil),
    fetch: optionalFunction(CALLER, 'fetch', given.fetch, (input, init) =>
      globalThis.fetch(input, init),
    ),
    now: optionalFunction(CALLER, 'now', given.now, Date.now),
    emit(event) {
      try {
        const result = onEvent(event)
        if (result instanceof Promise) result.catch(() => {})
      } catch {
        // A broken observer must not end the reports.
      }
    },
  }
}

/** Counts that nothing would ever send are refused where they are asked for. */
function readWaitUntil(value: ScopeUsageSettings['waitUntil']): ScopeUsageSettings['waitUntil'] {
  const waitUntil = optionalFunction(CALLER, 'waitUntil', value, undefined)
  if (waitUntil !== undefined || !isRequestBound()) return waitUntil
  const message = `${CALLER}: 'waitUntil' is required here, where no timer outlives a request: that of 'cloudflare:workers'`
  throw new ArgumentError('ERR_ARGUMENT_MISSING', 'waitUntil', message)
}
