import type { JsonObject } from '@countersign/protocol'
import { printable } from '../text/printable.ts'
import { isoTime, isoTimeOrNull, relativeTime } from '../text/time-in-words.ts'
import type { Inspection, ReadableToken, TimeClaim } from './inspect-token.ts'

const OPAQUE = `an opaque token: its text says nothing about it
Only the server that issued it can tell what it is for: ask its introspection endpoint.
`
const UNVERIFIED = 'decoded, not verified: only a guard can tell whether it is genuine'

/** An inspection for people. Claims are somebody else's text: none of it can steer the terminal. */
export function inspectionText(inspection: Inspection, now: number): string {
  if (inspection.kind === 'opaque') return OPAQUE
  if (inspection.kind === 'encrypted') {
    return `an encrypted JWT: only its audience can read it\n\nheader\n${members(inspection.header)}`
  }
  const { header, scope, warnings } = inspection
  const scopes = scope.map((one) => `  ${printable(one)}\n`).join('') || '  none\n'
  const cautions = warnings.map((one) => `warning: ${printable(one)}\n`).join('')
  return `a JWT, ${UNVERIFIED}
${lifeInWords(inspection, now)}

header
${members(header)}
claims
${claimLines(inspection, now)}
scope
${scopes}${cautions === '' ? '' : `\n${cautions}`}`
}

/** An inspection for programs, as one JSON object on one line. */
export function inspectionJson(inspection: Inspection): string {
  if (inspection.kind !== 'jwt') return `${JSON.stringify({ ...inspection, verified: false })}\n`
  const { times, ...rest } = inspection
  const iso = Object.fromEntries(Array.from(times, ([name, at]) => [name, isoTimeOrNull(at)]))
  return `${JSON.stringify({ ...rest, verified: false, times: iso })}\n`
}

function lifeInWords({ times, state }: ReadableToken, now: number): string {
  const end = times.get('exp')
  if (end === undefined) return 'never expires by itself'
  if (state === 'expired') return `expired ${relativeTime(end, now)}`
  const start =
    state === 'not yet valid' ? `valid ${relativeTime(times.get('nbf') ?? 0, now)}, ` : ''
  return `${start}expires ${relativeTime(end, now)}`
}

function claimLines({ claims, times }: ReadableToken, now: number): string {
  return Object.entries(claims)
    .map(([name, value]) => {
      const at = times.get(name as TimeClaim)
      const time = at === undefined ? '' : `  ${isoTime(at)}, ${relativeTime(at, now)}`
      return `  ${printable(name)}: ${shown(value)}${time}\n`
    })
    .join('')
}

function members(object: JsonObject): string {
  return Object.entries(object)
    .map(([name, value]) => `  ${printable(name)}: ${shown(value)}\n`)
    .join('')
}

function shown(value: unknown): string {
  return printable(typeof value === 'string' ? value : JSON.stringify(value))
}
