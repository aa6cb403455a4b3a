import { assertKnownOptions } from '@countersign/protocol'
import { demanded, type Preset } from './preset.ts'

/** Which of Camunda SaaS's APIs is called. */
export interface CamundaOptions {
  /** `zeebe.camunda.io` for a cluster's APIs, `api.cloud.camunda.io` for the console's. */
  readonly audience: string
}

/**
 * Camunda 8 SaaS: `audience` is required. It holds back answers to clients that repeat a refused
 * request.
 *
 * Throws: `ArgumentError`. Source: Camunda 8 documentation, "Authentication".
 */
export function camunda(options: CamundaOptions): Preset {
  assertKnownOptions('camunda', options, ['audience'])
  const cure = 'zeebe.camunda.io for a cluster, api.cloud.camunda.io for the console'
  return {
    tokenEndpoint: 'https://login.cloud.camunda.io/oauth/token',
    authMethod: 'client_secret_post',
    audience: demanded('camunda', 'audience', options.audience, cure),
  }
}
