import {
  ArgumentError,
  assertKnownOptions,
  optionalFunction,
  optionalString,
} from '@countersign/protocol'
import type { AccessToken } from '../access-token.ts'
import { assertSource } from '../assert-source.ts'
import type { TokenSource } from '../token-source.ts'
import { inSpan } from './in-span.ts'
import {
  SPAN_KIND_CLIENT,
  type TelemetryAttributes,
  type TelemetryTracer,
} from './opentelemetry-api.ts'
import { requestCauses } from './request-cause.ts'
import { serverAttributes } from './server-attributes.ts'

/** What is traced, and with what. */
export interface TracedOptions {
  /** OpenTelemetry's, such as `trace.getTracer('billing')`. */
  readonly tracer: TelemetryTracer
  /** Name of the spans. Default `token request`. */
  readonly name?: string
  /** The issuer or the token endpoint: its host and port become attributes. */
  readonly server?: string
  readonly clientId?: string
  /** Default `client_credentials`. */
  readonly grantType?: string
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

const TRACED_OPTIONS: readonly (keyof TracedOptions)[] = [
  'tracer',
  'name',
  'server',
  'clientId',
  'grantType',
  'now',
]

/**
 * A source with a span around each request that reaches it.
 *
 * Put it around what asks the server, such as in `wrap` of `createClient`: then a span is a token
 * request, and held tokens cost nothing. Around a source that keeps tokens it makes a span for each
 * call. The span is active meanwhile, so that a traced `fetch` hangs its own below it. A renewal that
 * nobody waits for starts a trace of its own; a request that many callers share is in the trace of
 * the one that began it.
 *
 * Attributes: `server.address`, `server.port`, `oauth.grant_type`, `oauth.client_id`,
 * `oauth.request.cause` ({@link RequestCause}), `oauth.token.cached`, `oauth.token.type`,
 * `oauth.token.lifetime` (seconds), `oauth.scope.count`; after a failure `error.type`, `oauth.error`,
 * `countersign.retryable`, `http.response.status_code`. Never a token, a secret, a scope or a message.
 *
 * Throws when made: `ArgumentError`. Rejects: as the source does.
 */
export function traced(source: TokenSource, options: TracedOptions): TokenSource {
  assertSource('traced', source)
  assertKnownOptions('traced', options, TRACED_OPTIONS)
  const given: TracedOptions = options
  const tracer = tracerOf('traced', given.tracer)
  const name = optionalString('traced', 'name', given.name) ?? 'token request'
  const clientId = optionalString('traced', 'clientId', given.clientId)
  const now = optionalFunction('traced', 'now', given.now, Date.now)
  const about: TelemetryAttributes = {
    'oauth.grant_type':
      optionalString('traced', 'grantType', given.grantType) ?? 'client_credentials',
    ...(clientId !== undefined && { 'oauth.client_id': clientId }),
    ...serverAttributes(serverOf(given.server)),
  }
  const causes = requestCauses()

  return (request = {}) => {
    const startedAt = now()
    const attributes = { ...about, 'oauth.request.cause': causes.of(request) }
    // A renewal belongs to the client, not to the call that happened to set it off.
    const root = request.background === true
    const settings = { name, kind: SPAN_KIND_CLIENT, root, attributes }
    return inSpan(tracer, settings, async (span) => {
      const token = await source(request)
      causes.obtained(request)
      span.setAttributes(tokenAttributes(token, startedAt))
      return token
    })
  }
}

/** Refuses what cannot trace, before the first call finds out. */
export function tracerOf(caller: string, tracer: TelemetryTracer | undefined): TelemetryTracer {
  if (typeof tracer?.startActiveSpan === 'function') return tracer
  const message = `${caller}: 'tracer' must be an OpenTelemetry tracer, such as trace.getTracer('…')`
  throw new ArgumentError('ERR_ARGUMENT_TYPE', 'tracer', message)
}

function tokenAttributes(token: AccessToken, startedAt: number): TelemetryAttributes {
  const { obtainedAt, expiresAt, type, scope } = token
  return {
    'oauth.token.cached': obtainedAt < startedAt,
    'oauth.token.type': type,
    'oauth.scope.count': scope.length,
    ...(expiresAt !== undefined && { 'oauth.token.lifetime': (expiresAt - obtainedAt) / 1000 }),
  }
}

function serverOf(server: unknown): URL | null {
  if (server === undefined) return null
  const url = typeof server === 'string' ? URL.parse(server) : null
  if (url !== null) return url
  const message = "traced: 'server' must be the URL of the issuer or the token endpoint"
  throw new ArgumentError('ERR_ARGUMENT_VALUE', 'server', message)
}
