/** How many tokens may yet be asked for within a span. */
export interface QuotaBucket {
  /** Tokens allowed within the span. */
  readonly quota: number
  readonly remaining: number
  /** Milliseconds until the span begins anew. */
  readonly resetsIn: number
}

/** The spans that a quota counts. */
export interface QuotaSpans {
  readonly perHour?: QuotaBucket
  readonly perDay?: QuotaBucket
}

/** What Auth0 says, with the answers to token requests, of the quotas it has set. */
export interface Auth0Quota {
  /** This client's. */
  readonly client?: QuotaSpans
  /** The organization's, where the token is for one. */
  readonly organization?: QuotaSpans
}

/** The quotas in the headers of an answer; `undefined` where there are none to be understood. */
export function auth0Quota(headers: Headers): Auth0Quota | undefined {
  const client = spansOf(headers.get('auth0-client-quota-limit'))
  const organization = spansOf(headers.get('auth0-organization-quota-limit'))
  if (client === undefined && organization === undefined) return undefined
  return { ...(client && { client }), ...(organization && { organization }) }
}

const NAMES = new Map([
  ['per_hour', 'perHour'],
  ['per_day', 'perDay'],
])

/** Longest header that is looked at. */
const MAX_HEADER = 1024

/** Parses such as `b=per_hour;q=100;r=99;t=3600,b=per_day;q=300;r=299;t=86400`. */
function spansOf(header: string | null): QuotaSpans | undefined {
  if (header === null || header.length > MAX_HEADER) return undefined
  const buckets = header.split(',').flatMap((text) => {
    const members = new Map(text.split(';').map((part) => pairOf(part)))
    const name = NAMES.get(members.get('b') ?? '')
    const [quota, remaining, seconds] = ['q', 'r', 't'].map((key) => numberOf(members.get(key)))
    if (name === undefined || quota === undefined || remaining === undefined) return []
    return seconds === undefined ? [] : [[name, { quota, remaining, resetsIn: seconds * 1000 }]]
  })
  return buckets.length === 0 ? undefined : (Object.fromEntries(buckets) as QuotaSpans)
}

function pairOf(text: string): readonly [name: string, value: string] {
  const [name = '', value = ''] = text.trim().split('=', 2)
  return [name, value]
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : undefined
}
