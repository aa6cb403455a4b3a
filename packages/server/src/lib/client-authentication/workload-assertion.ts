import type { SignatureAlgorithm } from '@countersign/verify'
import type {
  CredentialBase,
  CredentialRecord,
  FederatedProof,
  TrustedIssuerRecord,
} from '../registry/records.ts'
import type { RegisteredClient, RegistrySnapshot } from '../registry/snapshot.ts'
import type { RefusalReason } from '../refusal-reasons.ts'
import { ServerError } from '../server-error.ts'
import { assertionId, timeFault, type ClaimFault } from './assertion-claims.ts'
import type { AuthenticationView, ProofVerdict } from './authentication-method.ts'
import type { AssertionKind, PresentedAssertion } from './client-assertion.ts'
import { checkPublished } from './credential-keys.ts'
import { isFirstUse, type FirstUses } from './first-use.ts'
import { isLive } from './live-credential.ts'
import { signatureTrial } from './signature-trial.ts'
import { standInVerifier } from './stand-in-verifier.ts'
import type { TrustedIssuerKeys } from './trusted-issuer-keys.ts'

type Federated = CredentialBase & FederatedProof

/** What assertions about workloads are judged by. */
export interface WorkloadPolicy {
  /** This server's identifier. */
  readonly issuer: string
  readonly keys: TrustedIssuerKeys
  readonly algorithms: ReadonlySet<SignatureAlgorithm>
  readonly clockTolerance: number
  readonly replay: FirstUses
}

/**
 * An assertion of a trusted issuer about a workload: a token of a Kubernetes cluster, a CI, a cloud, or a
 * SPIFFE JWT-SVID. Which client it is comes out of the `federated` credentials: issuer, subject,
 * audience and claims must all be as registered.
 *
 * An assertion with a `jti` is good for one use, unless its issuer is registered as one whose tokens are
 * used again; one without may be used until it expires.
 * Source: RFC 7521 section 4.2; RFC 7523 section 3; draft-ietf-oauth-spiffe-client-auth sections 3.1
 * and 5.2.
 */
export function workloadAssertion(policy: WorkloadPolicy): AssertionKind {
  return (assertion, view) => {
    const trusted = issuerOf(assertion, view.snapshot)
    if (trusted === undefined) return undefined
    return {
      clientId: assertion.clientId,
      async verify(client) {
        const fault = await signatureFault(assertion, trusted, policy)
        if (fault !== undefined) return { ok: false, reason: fault }
        return verdictOn(assertion, trusted, { client, view, policy })
      },
    }
  }
}

/**
 * Who speaks. Of a SPIFFE identity its trust domain decides, never `iss`: everybody may write one.
 */
function issuerOf(
  { iss, sub }: PresentedAssertion,
  { trustedIssuers }: RegistrySnapshot,
): TrustedIssuerRecord | undefined {
  const domain = /^(spiffe:\/\/[^/]+)\/./.exec(sub ?? '')?.[1]
  const byDomain = domain === undefined ? undefined : trustedIssuers.get(domain)
  if (byDomain !== undefined) return byDomain
  // A trust domain speaks of its own identities only.
  return iss === undefined || iss.startsWith('spiffe:') ? undefined : trustedIssuers.get(iss)
}

async function signatureFault(
  assertion: PresentedAssertion,
  trusted: TrustedIssuerRecord,
  { keys, algorithms }: WorkloadPolicy,
): Promise<RefusalReason | undefined> {
  const { alg, kid } = assertion.header
  const trial = signatureTrial(assertion)
  const algorithm = Array.from(algorithms).find((one) => one === alg)
  const accepted = algorithm !== undefined && trusted.algorithms.includes(algorithm)
  if (trusted.state !== 'active' || !accepted) {
    await trial.check([standInVerifier(algorithm)])
    return trusted.state === 'active' ? 'assertion_algorithm_wrong' : 'issuer_disabled'
  }
  const signed = await checkPublished(keys(trusted), algorithm, kid, trial.check)
  if (typeof signed === 'object') {
    const message = `the keys of the trusted issuer ${trusted.issuer} cannot be fetched: ${signed.fault}`
    throw new ServerError('ERR_KEYS', message)
  }
  if (signed) return undefined
  return trial.checks === 0 ? 'assertion_key_unknown' : 'assertion_signature_wrong'
}

/** The verdict on an assertion whose signature is good. */
function verdictOn(
  assertion: PresentedAssertion,
  trusted: TrustedIssuerRecord,
  {
    client,
    view,
    policy,
  }: {
    readonly client: RegisteredClient | undefined
    readonly view: AuthenticationView
    readonly policy: WorkloadPolicy
  },
): ProofVerdict {
  const { snapshot, now } = view
  if (assertion.clientId !== undefined && client === undefined) {
    return { ok: false, reason: 'client_unknown' }
  }
  const rules = federatedRules(snapshot, client, trusted.issuer, assertion.sub)
  if (rules.length === 0) return { ok: false, reason: 'identity_unknown' }
  const { payload } = assertion
  const forUs = rules.filter((rule) => isAudience(payload['aud'], rule.audience ?? policy.issuer))
  if (forUs.length === 0) return { ok: false, reason: 'assertion_audience_wrong' }
  const fitting = forUs.filter((rule) =>
    Object.entries(rule.claims).every(([name, value]) => payload[name] === value),
  )
  if (fitting.length === 0) return { ok: false, reason: 'identity_claims_differ' }
  const fault = lifeFault(assertion, trusted, policy.clockTolerance, now)
  if (fault !== undefined) return { ok: false, ...fault }
  const live = fitting.filter((rule) => isLive(rule, now))
  const [credential] = live
  if (credential === undefined) return { ok: false, reason: 'credential_ended' }
  if (live.some(({ clientId }) => clientId !== credential.clientId)) {
    return { ok: false, reason: 'identity_ambiguous' }
  }
  const jti = assertionId(payload)
  const found = { ok: true, method: 'private_key_jwt', credential } as const
  if (!trusted.singleUse || jti === undefined) return found
  const parts = ['workload', trusted.issuer, credential.subject, jti]
  const until = (payload as { readonly exp: number }).exp * 1000 + policy.clockTolerance + 1000
  return { ...found, useUp: () => isFirstUse(policy.replay, parts, until) }
}

/** One audience and no other: a token that is good elsewhere too can come from there. */
function isAudience(aud: unknown, expected: string): boolean {
  return Array.isArray(aud) ? aud.length === 1 && aud[0] === expected : aud === expected
}

function lifeFault(
  { payload }: PresentedAssertion,
  { maxLifetimeSeconds }: TrustedIssuerRecord,
  clockTolerance: number,
  now: number,
): ClaimFault | undefined {
  const maxLifetime = maxLifetimeSeconds * 1000
  const fault = timeFault(payload, { maxLifetime, clockTolerance }, now)
  if (fault !== undefined) return fault
  const { exp, iat } = payload as { readonly exp: number; readonly iat?: number }
  const tooLong = iat !== undefined && (exp - iat) * 1000 > maxLifetime
  return tooLong ? { reason: 'assertion_life_too_long' } : undefined
}

/** The federated credentials, of one client or of all, that name this issuer and this subject. */
function federatedRules(
  snapshot: RegistrySnapshot,
  client: RegisteredClient | undefined,
  issuer: string,
  subject: string | undefined,
): readonly Federated[] {
  if (subject === undefined) return []
  const named = indexOf(snapshot).get(ruleKey(issuer, subject)) ?? []
  return client === undefined
    ? named
    : named.filter(({ clientId }) => clientId === client.client.clientId)
}

interface RuleIndex {
  readonly revision: number
  readonly rules: ReadonlyMap<string, readonly Federated[]>
}

/** Made anew when the registry has changed: looking through all clients for each request is too much. */
const indexes = new WeakMap<RegistrySnapshot, RuleIndex>()

function indexOf(snapshot: RegistrySnapshot): ReadonlyMap<string, readonly Federated[]> {
  const known = indexes.get(snapshot)
  if (known?.revision === snapshot.revision) return known.rules
  const rules = new Map<string, Federated[]>()
  for (const { credentials } of snapshot.clients.values()) {
    for (const credential of credentials.values()) {
      if (!isFederated(credential)) continue
      const key = ruleKey(credential.issuer, credential.subject)
      const same = rules.get(key)
      if (same === undefined) rules.set(key, [credential])
      else same.push(credential)
    }
  }
  indexes.set(snapshot, { revision: snapshot.revision, rules })
  return rules
}

function isFederated(credential: CredentialRecord): credential is Federated {
  return credential.kind === 'federated'
}

/** No issuer holds a line end. */
function ruleKey(issuer: string, subject: string): string {
  return `${issuer}\n${subject}`
}
