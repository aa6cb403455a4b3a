import {
  ArgumentError,
  assertKnownOptions,
  optionalNumber,
  parseSecureUrl,
} from '@countersign/protocol'
import { onceKnown } from '../once-known.ts'
import { readWhenUnknown } from './read-when-unknown.ts'
import { renewedDocument, type RenewedDocument } from './renewed-document.ts'
import {
  REVOKED,
  STANDS,
  unknownStanding,
  type RevocationCheck,
  type RevocationContext,
  type RevocationSource,
  type Standing,
  type WhenUnknown,
} from './revocation-check.ts'
import { loadStatusList, type HeldStatusList } from './status-list-token.ts'
import { statusReference, type StatusReference } from './status-reference.ts'

export interface StatusListsOptions {
  /** Origins that lists are loaded from, besides that of the issuer; such as `https://status.example`. */
  readonly origins?: readonly string[]
  /** How long a list is used without looking again; less where its `ttl` says so. Default 300,000. */
  readonly maxAge?: number
  /**
   * How long a list that cannot be renewed goes on to count, never beyond its `exp`. Milliseconds, default
   * 300,000.
   */
  readonly staleFor?: number
  /** What becomes of a token whose list cannot be read. Default `refuse`: 503. */
  readonly whenUnknown?: WhenUnknown
  /** Most bytes of one list, inflated. Default 2 MiB: 16 million statuses of one bit. */
  readonly maxBytes?: number
  /** Most lists that are held; the one used longest ago goes first. Default 32. */
  readonly maxLists?: number
}

interface StatusListsSettings extends Required<Omit<StatusListsOptions, 'origins'>> {
  readonly origins: ReadonlySet<string>
}

/** An issuer that says "ask at once, and again" is asked no more often than this. Milliseconds. */
const MIN_AGE = 10_000
const UNUSABLE: Standing = Object.freeze({ ok: false, reason: 'status_unusable' })
const SUSPENDED: Standing = Object.freeze({ ok: false, reason: 'suspended' })

/**
 * Goes by the status lists that tokens name in their claim `status`: what is not valid there is refused.
 *
 * A list is loaded from the origin of the issuer, or one of `origins`, and from nowhere else, and must be
 * signed by a key of the issuer. A token without `status` has nothing to check.
 * Throws: `ArgumentError` for wrong options.
 * Source: draft-ietf-oauth-status-list-20 sections 5.1, 8.1 to 8.3, 11.4 and 13.7.
 */
export function statusLists(options: StatusListsOptions = {}): RevocationSource {
  const settings = readOptions(options)
  return (context) => statusCheck(settings, context)
}

function statusCheck(settings: StatusListsSettings, context: RevocationContext): RevocationCheck {
  const { maxAge, staleFor, whenUnknown, maxLists } = settings
  const own = new URL(context.issuer).origin
  const lists = new Map<string, RenewedDocument<HeldStatusList>>()

  function listAt(uri: string): RenewedDocument<HeldStatusList> | undefined {
    const known = lists.get(uri)
    if (known !== undefined) lists.delete(uri)
    else if (!isAllowed(uri)) return undefined
    const list = known ?? open(uri)
    lists.set(uri, list)
    for (const oldest of lists.keys()) {
      if (lists.size <= maxLists) break
      lists.delete(oldest)
    }
    return list
  }

  function isAllowed(uri: string): boolean {
    const url = parseSecureUrl('uri', uri)
    return url.ok && (url.value.origin === own || settings.origins.has(url.value.origin))
  }

  function open(uri: string): RenewedDocument<HeldStatusList> {
    return renewedDocument<HeldStatusList>({
      ...context,
      source: 'status_list',
      async load(request) {
        const startedAt = context.now()
        const loaded = await loadStatusList(uri, request, settings, context)
        if (!loaded.ok) return loaded
        const { ttl, expiresAt } = loaded.value
        const freshFor = Math.min(Math.max(ttl, MIN_AGE), maxAge)
        const usableUntil = Math.min(expiresAt, startedAt + freshFor + staleFor)
        return { ...loaded, freshFor, usableUntil }
      },
    })
  }

  function judge(reference: StatusReference): Standing | Promise<Standing> {
    const document = listAt(reference.uri)
    if (document === undefined) return UNUSABLE
    return onceKnown(document.get(), (list) => {
      if (list !== undefined) return standingOf(list.statuses.at(reference.index))
      // What ended goes on to be ended, however old the list: there is nothing better to go by.
      const last = document.peek()
      const before = last === undefined ? STANDS : standingOf(last.statuses.at(reference.index))
      return before.ok ? unknownStanding(whenUnknown, 'status_list', document.retryAfter()) : before
    })
  }

  return ({ all }) => {
    const reference = statusReference(all)
    if (reference === undefined) return STANDS
    return reference === 'unusable' ? UNUSABLE : judge(reference)
  }
}

/** What has no meaning here, as what an application has chosen itself, is not "valid". Section 7.1. */
function standingOf(status: number | undefined): Standing {
  if (status === 0) return STANDS
  if (status === 1) return REVOKED
  return status === 2 ? SUSPENDED : UNUSABLE
}

function readOptions(options: StatusListsOptions): StatusListsSettings {
  const caller = 'statusLists'
  const names = ['origins', 'maxAge', 'staleFor', 'whenUnknown', 'maxBytes', 'maxLists']
  assertKnownOptions(caller, options, names)
  const given: StatusListsOptions = options
  const number = (
    name: 'maxAge' | 'staleFor' | 'maxBytes' | 'maxLists',
    [fallback, min, max]: readonly [number, number, number],
  ): number => optionalNumber(caller, name, given[name], { fallback, min, max })
  return {
    origins: readOrigins(caller, given.origins),
    maxAge: number('maxAge', [300_000, MIN_AGE, 86_400_000]),
    staleFor: number('staleFor', [300_000, 0, 7 * 86_400_000]),
    whenUnknown: readWhenUnknown(caller, given.whenUnknown),
    maxBytes: number('maxBytes', [2 * 1024 * 1024, 1, 64 * 1024 * 1024]),
    maxLists: number('maxLists', [32, 1, 10_000]),
  }
}

function readOrigins(caller: string, value: unknown): ReadonlySet<string> {
  if (value === undefined) return new Set()
  if (!Array.isArray(value)) {
    const message = `${caller}: 'origins' must be a list`
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'origins', message)
  }
  const origins = value.map((one: unknown, index) => {
    const name = `origins[${index}]`
    const url = parseSecureUrl(name, one)
    const fault = url.ok ? 'must be an origin, without a path' : url.reason
    if (url.ok && url.value.href === `${url.value.origin}/`) return url.value.origin
    throw new ArgumentError('ERR_ARGUMENT_VALUE', name, `${caller}: '${name}' ${fault}`)
  })
  return new Set(origins)
}
