import {
  ArgumentError,
  assertKnownOptions,
  nearestName,
  optionalNumber,
  optionalString,
  parseJwkSet,
  parseSecureUrl,
  requiredString,
  type JsonObject,
} from '@countersign/protocol'
import type { RecordState, TrustedIssuerRecord } from '../registry/records.ts'
import type { RegistrySnapshot } from '../registry/snapshot.ts'
import { AdministrationError } from './administration-error.ts'
import { parseAlgorithms } from './make-credential.ts'
import type { RegistryEditor } from './registry-editor.ts'
import { optionalText } from './trimmed-text.ts'

/** Somebody who vouches for workloads, to be trusted from now on. */
export interface NewTrustedIssuer {
  /**
   * The `iss` of its assertions, letter by letter: a URL. For SPIFFE the trust domain, such as
   * `spiffe://example.org`: there the subject says whose keys are good.
   */
  readonly issuer: string
  /** For people. Default the issuer. */
  readonly name?: string
  /** Where its keys are. Left out with `jwks`: they are found by its metadata. */
  readonly jwksUri?: string
  /** Its keys themselves, for one that publishes none. */
  readonly jwks?: JsonObject
  /** Default ES256, PS256, EdDSA, Ed25519 and RS256. */
  readonly algorithms?: readonly string[]
  /** The longest its assertions may live, in seconds. Default 3,600, at most a day. */
  readonly maxLifetimeSeconds?: number
  /**
   * Whether an assertion with a `jti` is good for one use. Default true. Set it to false where workloads
   * present one token again and again until it expires, as those of Kubernetes do.
   */
  readonly singleUse?: boolean
}

/** Changes to who is trusted to vouch for workloads. */
export interface TrustedIssuerAdministration {
  /**
   * Trusts an issuer. That alone lets nobody in: a client needs a `federated` credential that names it.
   *
   * Throws: `issuer_exists`.
   */
  createTrustedIssuer(options: NewTrustedIssuer): Promise<TrustedIssuerRecord>
  /** Every trusted issuer, disabled ones included, in the order of their identifiers. */
  listTrustedIssuers(): Promise<readonly TrustedIssuerRecord[]>
  /** Refuses its assertions from now on. Throws: `issuer_unknown`. */
  disableTrustedIssuer(issuer: string): Promise<TrustedIssuerRecord>
  /** Undoes {@link TrustedIssuerAdministration.disableTrustedIssuer}. */
  enableTrustedIssuer(issuer: string): Promise<TrustedIssuerRecord>
}

const NAMES: readonly (keyof NewTrustedIssuer)[] = [
  'issuer',
  'name',
  'jwksUri',
  'jwks',
  'algorithms',
  'maxLifetimeSeconds',
  'singleUse',
]

/** The administration of trusted issuers over one editor. */
export function trustedIssuerAdministration(editor: RegistryEditor): TrustedIssuerAdministration {
  function setState(issuer: string, state: RecordState): Promise<TrustedIssuerRecord> {
    return editor.edit((snapshot) => {
      const record = { ...knownIssuer(snapshot, issuer), state }
      const require = { unchangedSince: snapshot.revision }
      return { changes: [{ kind: 'trusted_issuer', record, require }], result: record }
    })
  }

  return {
    async createTrustedIssuer(options) {
      const record = readIssuer(options, editor.now())
      return editor.edit((snapshot) => {
        if (snapshot.trustedIssuers.has(record.issuer)) {
          throw new AdministrationError(
            'issuer_exists',
            'that issuer is registered; enable it if it is disabled',
          )
        }
        return { changes: [{ kind: 'trusted_issuer', record, require: 'absent' }], result: record }
      })
    },
    async listTrustedIssuers() {
      const { trustedIssuers } = await editor.read()
      return Array.from(trustedIssuers.values()).toSorted((left, right) =>
        left.issuer < right.issuer ? -1 : 1,
      )
    },
    disableTrustedIssuer: (issuer) => setState(issuer, 'disabled'),
    enableTrustedIssuer: (issuer) => setState(issuer, 'active'),
  }
}

/** The trusted issuer of that identifier. Throws: `issuer_unknown`, with the nearest one there is. */
export function knownIssuer(snapshot: RegistrySnapshot, issuer: string): TrustedIssuerRecord {
  const known = snapshot.trustedIssuers.get(issuer)
  if (known !== undefined) return known
  const nearest = nearestName(String(issuer), [...snapshot.trustedIssuers.keys()])
  throw new AdministrationError(
    'issuer_unknown',
    nearest === undefined
      ? 'that issuer is not trusted; register it first'
      : `that issuer is not trusted; did you mean '${nearest}'?`,
  )
}

function readIssuer(options: NewTrustedIssuer, createdAt: number): TrustedIssuerRecord {
  const caller = 'createTrustedIssuer'
  assertKnownOptions(caller, options, NAMES)
  const given: NewTrustedIssuer = options
  const issuer = requiredString(caller, 'issuer', given.issuer)
  const jwksUri = optionalString(caller, 'jwksUri', given.jwksUri)
  if (jwksUri !== undefined && given.jwks !== undefined) {
    throw invalid(caller, 'jwks', "must be left out where 'jwksUri' is given")
  }
  // A colon stands in no client identifier: the two are never taken for one another.
  if (/^spiffe:\/\/[a-z0-9._-]{1,255}$/.test(issuer)) {
    if (jwksUri === undefined && given.jwks === undefined) {
      throw invalid(caller, 'jwksUri', 'or jwks must be given: a trust domain has no metadata')
    }
  } else {
    const url = parseSecureUrl('issuer', issuer)
    if (!url.ok) throw invalid(caller, 'issuer', url.reason)
  }
  if (jwksUri !== undefined) {
    const url = parseSecureUrl('jwksUri', jwksUri)
    if (!url.ok) throw invalid(caller, 'jwksUri', url.reason)
  }
  if (given.jwks !== undefined && !parseJwkSet(given.jwks).ok) {
    throw invalid(caller, 'jwks', 'must be a JWK set of public keys')
  }
  const bounds = { fallback: 3600, min: 1, max: 86_400 }
  return {
    issuer,
    name: optionalText(caller, 'name', given.name) ?? issuer,
    jwksUri: jwksUri ?? null,
    jwks: given.jwks ?? null,
    algorithms: parseAlgorithms(caller, given.algorithms),
    maxLifetimeSeconds: optionalNumber(
      caller,
      'maxLifetimeSeconds',
      given.maxLifetimeSeconds,
      bounds,
    ),
    singleUse: given.singleUse !== false,
    state: 'active',
    createdAt,
  }
}

function invalid(caller: string, name: string, message: string): ArgumentError {
  return new ArgumentError('ERR_ARGUMENT_VALUE', name, `${caller}: '${name}' ${message}`)
}
