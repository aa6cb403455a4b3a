import { assertKnownOptions } from '@countersign/protocol'
import { scopesOf, secretOrProof, type Preset, type ProofOptions } from './preset.ts'
import { oneOf, pathPart } from './provider-address.ts'

/** The hosts of PingOne's regions. */
const REGIONS = {
  'north-america': 'auth.pingone.com',
  canada: 'auth.pingone.ca',
  europe: 'auth.pingone.eu',
  'asia-pacific': 'auth.pingone.asia',
  australia: 'auth.pingone.com.au',
  singapore: 'auth.pingone.sg',
} as const

/** A PingOne environment. */
export interface PingOneOptions extends ProofOptions {
  readonly environmentId: string
  /** Default `north-america`. */
  readonly region?: keyof typeof REGIONS
  /** Of one custom resource only: PingOne refuses a mixture. */
  readonly scope?: string | readonly string[]
}

/**
 * PingOne. Throws: `ArgumentError`. Source: PingOne documentation, "Token endpoint authentication
 * methods".
 */
export function pingOne(options: PingOneOptions): Preset {
  assertKnownOptions('pingOne', options, [
    'environmentId',
    'region',
    'scope',
    'clientAuthentication',
  ])
  const { region = 'north-america', clientAuthentication }: PingOneOptions = options
  const host = REGIONS[oneOf('pingOne', 'region', { value: region, known: REGIONS })]
  const issuer = `https://${host}/${pathPart('pingOne', 'environmentId', options.environmentId)}/as`
  const scope = scopesOf('pingOne', options.scope)
  return {
    issuer,
    tokenEndpoint: `${issuer}/token`,
    ...secretOrProof('client_secret_basic', clientAuthentication),
    ...(scope.length > 0 && { scope }),
  }
}
