import {
  ArgumentError,
  assertKnownOptions,
  nearestName,
  parseIssuer,
  requiredString,
  type Issuer,
} from '@countersign/protocol'
import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from '@countersign/verify'
import {
  readIntrospection,
  type IntrospectionOptions,
  type IntrospectionSettings,
} from '../introspection/introspection-options.ts'
import { PROFILES } from '../profile/profiles.ts'
import { readRevocation } from '../revocation/read-revocation.ts'
import type { RevocationSource } from '../revocation/revocation-check.ts'
import type { ProfileName, TokenProfile } from '../profile/token-profile.ts'
import { readKeyOptions, type KeyOptions, type KeySettings } from './key-options.ts'

/** One issuer whose tokens are taken. */
export interface IssuerOptions extends KeyOptions {
  /** The issuer identifier, letter by letter as tokens have it in `iss`. */
  readonly issuer: string
  /**
   * How the issuer writes its access tokens. Default `rfc9068`: as the standard says. The others are for
   * `keycloak`, `entra`, `auth0`, `okta` (a custom authorization server) and `cognito`; `fapi2` takes
   * only tokens that are bound to their sender, and not RS256.
   */
  readonly profile?: ProfileName
  /** Identifiers of this API, one or several: a token must have one of them in `aud`. */
  readonly audience?: string | readonly string[]
  /**
   * The clients whose tokens are taken. For the profile `cognito` alone, which needs it: there tokens do
   * not say for which API they are.
   */
  readonly clients?: readonly string[]
  /**
   * Signature algorithms that are accepted. Default: those of the profile, for `rfc9068` ES256, PS256,
   * EdDSA, Ed25519 and RS256. ML-DSA-44 and ML-DSA-65 can be added where the runtime has them, as Node
   * does from 24.
   */
  readonly algorithms?: readonly SignatureAlgorithm[]
  /** Asks the issuer about tokens that are not JWTs. Default: they are refused. */
  readonly introspection?: IntrospectionOptions
  /** Where the guard learns that tokens of this issuer ended before their time, besides its own sources. */
  readonly revocation?: RevocationSource | readonly RevocationSource[]
}

/** The options of one issuer, checked and complete. */
export interface IssuerSettings extends KeySettings {
  readonly issuer: Issuer
  readonly profile: TokenProfile
  readonly audience: readonly string[]
  readonly clients: ReadonlySet<string> | undefined
  readonly algorithms: ReadonlySet<SignatureAlgorithm>
  readonly introspection: IntrospectionSettings | undefined
  readonly revocation: readonly RevocationSource[]
}

/** What an issuer has from the guard where it says nothing itself. */
export interface IssuerDefaults {
  readonly audience: readonly string[]
  readonly fetch: typeof globalThis.fetch
  /** Of every issuer. */
  readonly revocation: readonly RevocationSource[]
}

/** The names of the options. */
export const ISSUER_OPTIONS: readonly (keyof IssuerOptions)[] = [
  'issuer',
  'profile',
  'audience',
  'clients',
  'jwksUri',
  'jwks',
  'pinnedKeys',
  'algorithms',
  'introspection',
  'revocation',
]

const CALLER = 'createGuard'

/** Reads the options of one issuer. Throws: `ArgumentError` naming the option at fault. */
export function readIssuer(
  options: Partial<IssuerOptions>,
  defaults: IssuerDefaults,
): IssuerSettings {
  assertKnownOptions(CALLER, options, ISSUER_OPTIONS)
  const given: Partial<IssuerOptions> = options
  const profile = readProfile(given.profile)
  const algorithms = readAlgorithms(given.algorithms, profile)
  return {
    issuer: readIdentifier(given.issuer, profile),
    profile,
    audience: given.audience === undefined ? defaults.audience : readAudience(given.audience),
    clients: readClients(given.clients, profile),
    ...readKeyOptions(given, algorithms),
    algorithms,
    introspection: readQuestions(given.introspection, profile, defaults.fetch),
    revocation: [...defaults.revocation, ...readRevocation(CALLER, given.revocation)],
  }
}

export function readAudience(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [requiredString(CALLER, 'audience', value)]
  if (value.length === 0) throw invalid('audience', 'must name at least one identifier of this API')
  return value.map((one, index) => requiredString(CALLER, `audience[${index}]`, one))
}

function readProfile(value: unknown = 'rfc9068'): TokenProfile {
  const profile = PROFILES.find(({ name }) => name === value)
  if (profile !== undefined) return profile
  const names = PROFILES.map(({ name }) => name)
  const nearest = typeof value === 'string' && nearestName(value, names)
  const hint = nearest ? `did you mean '${nearest}'?` : `known are ${names.join(', ')}`
  throw invalid('profile', `is not the name of a profile; ${hint}`)
}

function readIdentifier(value: unknown, profile: TokenProfile): Issuer {
  const issuer = parseIssuer(requiredString(CALLER, 'issuer', value))
  if (!issuer.ok) throw invalid('issuer', issuer.reason)
  // No token has these in `iss`: each is from a tenant.
  if (profile.name === 'entra' && /\/(common|organizations|consumers|%7b|\{)/i.test(issuer.value)) {
    throw invalid('issuer', 'must be that of one tenant, by its identifier')
  }
  return issuer.value
}

function readClients(value: unknown, { audience }: TokenProfile): ReadonlySet<string> | undefined {
  if (audience === 'aud') {
    if (value === undefined) return undefined
    throw invalid('clients', "goes with the profile 'cognito' alone")
  }
  if (!Array.isArray(value)) {
    throw new ArgumentError(
      value === undefined ? 'ERR_ARGUMENT_MISSING' : 'ERR_ARGUMENT_TYPE',
      'clients',
      `${CALLER}: 'clients' must list the clients whose tokens are taken, which name no API`,
    )
  }
  if (value.length === 0) throw invalid('clients', 'must not be empty')
  return new Set(value.map((one, at) => requiredString(CALLER, `clients[${at}]`, one)))
}

function readAlgorithms(value: unknown, profile: TokenProfile): ReadonlySet<SignatureAlgorithm> {
  if (value === undefined) return new Set(profile.algorithms)
  if (!Array.isArray(value)) {
    throw new ArgumentError(
      'ERR_ARGUMENT_TYPE',
      'algorithms',
      `${CALLER}: 'algorithms' must be a list`,
    )
  }
  if (value.length === 0) throw invalid('algorithms', 'must not be empty')
  const known: readonly string[] = profile.otherAlgorithms
    ? SIGNATURE_ALGORITHMS
    : profile.algorithms
  for (const [index, name] of value.entries()) {
    if (known.includes(name)) continue
    throw invalid(
      `algorithms[${index}]`,
      `is not an algorithm that can be checked; ${hintFor(name, known)}`,
    )
  }
  return new Set(value as readonly SignatureAlgorithm[])
}

function hintFor(name: unknown, known: readonly string[]): string {
  if (typeof name !== 'string') return `known are ${known.join(', ')}`
  // The nearest name is of another kind: whoever has tokens of the one gets nowhere with the other.
  if (/^HS\d/.test(name)) {
    return `a guard checks by public keys alone, so let the issuer sign with one of ${known.join(', ')}`
  }
  const nearest = nearestName(name, known)
  return nearest === undefined ? `known are ${known.join(', ')}` : `did you mean '${nearest}'?`
}

function readQuestions(
  value: IntrospectionOptions | undefined,
  { name, dialect }: TokenProfile,
  fetch: typeof globalThis.fetch,
): IntrospectionSettings | undefined {
  if (value !== undefined && dialect !== undefined && dialect.isAccessTokenAnswer === undefined) {
    throw invalid(
      'introspection',
      `does not go with the profile '${name}': it answers no questions`,
    )
  }
  return readIntrospection(value, fetch)
}

function invalid(option: string, reason: string): ArgumentError {
  return new ArgumentError('ERR_ARGUMENT_VALUE', option, `${CALLER}: '${option}' ${reason}`)
}
