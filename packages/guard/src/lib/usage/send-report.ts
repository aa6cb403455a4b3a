import { formatForm } from '@countersign/protocol'
import type { ScopeCount } from './scope-counts.ts'

/** Why a report was not taken. */
export type ReportFault =
  /** The metadata names no endpoint, or cannot be loaded. */
  | 'no_endpoint'
  /** `authorize` failed. */
  | 'authorize'
  | 'network'
  | 'timeout'
  /** The server does not take the credentials of this API. */
  | 'unauthorized'
  /** This API may not report on that resource, or the server reads another format. */
  | 'refused'
  /** Any other status than 200, a redirect among them. */
  | 'status'

/** What came of a report. */
export type ReportOutcome =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly fault: ReportFault
      /** Milliseconds that the server asks to be left alone. */
      readonly retryAfter?: number
    }

/** Where and as whom a report is sent. */
export interface ReportTarget {
  readonly resource: string
  readonly authorize: () => string | Promise<string>
  readonly fetch: typeof globalThis.fetch
}

/** Longest form, in bytes, and entries of one report: the server takes no more. */
const MAX_FORM = 15_000
const MAX_ENTRIES = 200

/** The counts in parts of which each fits into one report. */
export function reportParts(counts: readonly ScopeCount[], resource: string): ScopeCount[][] {
  const parts: ScopeCount[][] = []
  const fixed = formatForm(reportForm([], resource)).length
  let room = 0
  for (const count of counts) {
    // Each by itself, brackets and all: never shorter than what it adds to a list of several.
    const length = formatForm(reportForm([count], resource)).length - fixed + 3
    const last = parts.at(-1)
    if (last === undefined || last.length >= MAX_ENTRIES || length > room) {
      parts.push([count])
      room = MAX_FORM - fixed - length
    } else {
      last.push(count)
      room -= length
    }
  }
  return parts
}

/** Sends one report. Never rejects. */
export async function sendReport(
  counts: readonly ScopeCount[],
  endpoint: string,
  signal: AbortSignal,
  { resource, authorize, fetch }: ReportTarget,
): Promise<ReportOutcome> {
  let authorization: string
  try {
    authorization = await authorize()
  } catch {
    return { ok: false, fault: 'authorize' }
  }
  try {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', authorization },
      body: formatForm(reportForm(counts, resource)),
      redirect: 'manual',
      signal,
    })
    response.body?.cancel().catch(() => {})
    const { status, headers } = response
    if (status === 200 && !response.redirected) return { ok: true }
    const retryAfter = headers.get('retry-after') ?? ''
    return {
      ok: false,
      fault:
        status === 401 || status === 403 ? 'unauthorized' : status === 400 ? 'refused' : 'status',
      ...(/^\d{1,10}$/.test(retryAfter) && { retryAfter: Number(retryAfter) * 1000 }),
    }
  } catch {
    return { ok: false, fault: signal.aborted ? 'timeout' : 'network' }
  }
}

function reportForm(
  counts: readonly ScopeCount[],
  resource: string,
): readonly (readonly [string, string])[] {
  const uses = counts.map(({ clientId, scope, calls, lastUsedAt }) => [
    clientId,
    scope,
    calls,
    Math.floor(lastUsedAt / 1000),
  ])
  return [
    ['resource', resource],
    ['usage', JSON.stringify({ uses })],
  ]
}
