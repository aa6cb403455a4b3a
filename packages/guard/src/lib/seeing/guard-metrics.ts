import { ArgumentError, assertKnownOptions, optionalNumber } from '@countersign/protocol'
import type { AllowedEvent, GuardEvent } from '../guard/guard-event.ts'
import { clientLabels } from './client-label.ts'
import type { TelemetryAttributes, TelemetryMeter } from './opentelemetry-api.ts'

/** What goes with every measurement, and how many clients are told apart. */
export interface GuardMetricsOptions {
  /** Such as `{ 'service.name': 'orders' }`: tells guards of one process apart. */
  readonly attributes?: TelemetryAttributes
  /**
   * Clients that get a series of their own, of all issuers together; those that come later are counted as
   * `_OTHER` of their issuer.
   * Default 100, to 10,000; 0 names none.
   */
  readonly maxClients?: number
}

const NAMES: readonly (keyof GuardMetricsOptions)[] = ['attributes', 'maxClients']

/** Seconds: a token seen before takes microseconds, one that the issuer is asked about milliseconds. */
const VERDICTS = [0.000_01, 0.000_1, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5]
/** Seconds. */
const QUESTIONS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/**
 * An `onEvent` listener that counts what a guard decides and what it had to load or ask for.
 *
 * | Metric | Unit | Attributes |
 * | --- | --- | --- |
 * | `countersign.guard.verdicts` | `{verdict}` | `countersign.outcome` (`allowed`, `denied`, `would_deny`), `countersign.reason`, `countersign.issuer`, `oauth.client_id` |
 * | `countersign.guard.verdict.duration` | `s` | requests that were allowed |
 * | `countersign.guard.loads` | `{load}` | `countersign.document`, `countersign.issuer`; `error.type` where it failed |
 * | `countersign.guard.unchecked` | `{request}` | `countersign.document`: what could not say who is revoked; `countersign.issuer` |
 * | `countersign.guard.introspections` | `{question}` | `countersign.issuer`, `countersign.active`, or `error.type` where there was no answer |
 * | `countersign.guard.introspection.duration` | `s` | `countersign.issuer`; questions that were answered |
 * | `countersign.guard.shared_answers` | `{answer}` | `countersign.issuer`, `countersign.active`; `countersign.operation` and `error.type` where the shared store was of no use |
 * | `countersign.guard.query_tokens` | `{request}` | tokens in a query, where they are not read |
 * | `countersign.guard.unchecked_proofs` | `{request}` | `countersign.issuer`, `oauth.client_id`; requests that went on although the replay store failed |
 *
 * `countersign.issuer` is one of the issuers that the guard lists, never what a stranger wrote.
 * `oauth.client_id` is there once the issuer has vouched for the token, and never otherwise. All other
 * values are from short lists, save what `attributes` brings.
 *
 * Throws when made: `ArgumentError`.
 *
 * @example createGuard({ issuer, audience, onEvent: guardMetrics(metrics.getMeter('orders')) })
 */
export function guardMetrics(
  meter: TelemetryMeter,
  options: GuardMetricsOptions = {},
): (event: GuardEvent) => void {
  const { attributes, labelOf } = readOptions(meter, options)
  const counter = (name: string, unit: string, description: string) =>
    meter.createCounter(`countersign.guard.${name}`, { unit, description })
  const histogram = (name: string, description: string, explicitBucketBoundaries: number[]) =>
    meter.createHistogram(`countersign.guard.${name}`, {
      unit: 's',
      description,
      advice: { explicitBucketBoundaries },
    })
  const verdicts = counter(
    'verdicts',
    '{verdict}',
    'Requests, by outcome, reason, issuer and client',
  )
  const loads = counter('loads', '{load}', "Loads of the issuer's documents")
  const questions = counter('introspections', '{question}', 'Questions about tokens')
  const sharedAnswers = counter('shared_answers', '{answer}', 'Answers out of the shared store')
  const unchecked = counter('unchecked', '{request}', 'Requests let through without a check')
  const queryTokens = counter('query_tokens', '{request}', 'Tokens found in a query')
  const uncheckedProofs = counter(
    'unchecked_proofs',
    '{request}',
    'Proofs taken unchecked for replay',
  )
  const duration = histogram('verdict.duration', 'How long it takes to allow a request', VERDICTS)
  const asking = histogram('introspection.duration', 'How long questions take', QUESTIONS)
  // The attributes of what happens most, made once for each client: as many as there are labels.
  const allowed = new Map<string, Map<string, TelemetryAttributes>>()

  function allowedBy({ clientId, issuer }: AllowedEvent): TelemetryAttributes {
    const label = labelOf(clientId, issuer)
    let ofIssuer = allowed.get(issuer)
    if (ofIssuer === undefined) allowed.set(issuer, (ofIssuer = new Map()))
    let known = ofIssuer.get(label)
    if (known === undefined) {
      known = {
        ...attributes,
        'countersign.outcome': 'allowed',
        'countersign.issuer': issuer,
        'oauth.client_id': label,
      }
      ofIssuer.set(label, known)
    }
    return known
  }

  const of = (issuer: string): TelemetryAttributes => ({
    ...attributes,
    'countersign.issuer': issuer,
  })

  return (event) => {
    switch (event.type) {
      case 'allowed':
        verdicts.add(1, allowedBy(event))
        return duration.record(event.duration / 1000, attributes)
      case 'denied':
      case 'would_deny': {
        const { type, reason, issuer, clientId } = event
        return verdicts.add(1, {
          ...(issuer === undefined ? attributes : of(issuer)),
          'countersign.outcome': type,
          'countersign.reason': reason,
          ...(issuer !== undefined &&
            clientId !== undefined && { 'oauth.client_id': labelOf(clientId, issuer) }),
        })
      }
      case 'loaded':
        return loads.add(1, { ...of(event.issuer), 'countersign.document': event.document })
      case 'load_failed':
        return loads.add(1, {
          ...of(event.issuer),
          'countersign.document': event.document,
          'error.type': event.fault,
        })
      case 'revocations_loaded':
        return loads.add(1, { ...of(event.issuer), 'countersign.document': event.source })
      case 'revocations_failed':
        return loads.add(1, {
          ...of(event.issuer),
          'countersign.document': event.source,
          'error.type': event.fault,
        })
      case 'unchecked':
        return unchecked.add(1, { ...of(event.issuer), 'countersign.document': event.source })
      case 'introspected':
        questions.add(1, { ...of(event.issuer), 'countersign.active': event.active })
        return asking.record(event.duration / 1000, of(event.issuer))
      case 'introspection_failed':
        return questions.add(1, { ...of(event.issuer), 'error.type': event.fault })
      case 'answer_shared':
        return sharedAnswers.add(1, { ...of(event.issuer), 'countersign.active': event.active })
      case 'sharing_failed':
        return sharedAnswers.add(1, {
          ...of(event.issuer),
          'countersign.operation': event.operation,
          'error.type': event.fault,
        })
      case 'query_token':
        return queryTokens.add(1, attributes)
      case 'replay_unchecked': {
        const { issuer, clientId } = event
        const client = labelOf(clientId, issuer)
        return uncheckedProofs.add(1, { ...of(issuer), 'oauth.client_id': client })
      }
      default:
        // Other events are for logs.
        return undefined
    }
  }
}

function readOptions(
  meter: unknown,
  options: GuardMetricsOptions,
): {
  readonly attributes: TelemetryAttributes
  readonly labelOf: (clientId: string, issuer: string) => string
} {
  const caller = 'guardMetrics'
  if (typeof (meter as Partial<TelemetryMeter> | null | undefined)?.createCounter !== 'function') {
    const message = `${caller}: 'meter' must be an OpenTelemetry meter, such as metrics.getMeter('…')`
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'meter', message)
  }
  assertKnownOptions(caller, options, NAMES)
  const { attributes = {}, maxClients }: GuardMetricsOptions = options
  if (typeof attributes !== 'object' || attributes === null) {
    const message = `${caller}: 'attributes' must be an object`
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'attributes', message)
  }
  const limit = optionalNumber(caller, 'maxClients', maxClients, {
    fallback: 100,
    min: 0,
    max: 10_000,
  })
  return { attributes: { ...attributes }, labelOf: clientLabels(limit) }
}
