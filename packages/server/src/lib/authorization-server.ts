import {
  ArgumentError,
  assertKnownOptions,
  metadataUrls,
  optionalFunction,
  optionalNumber,
  parseIssuer,
} from '@countersign/protocol'
import { authenticationMethods } from './client-authentication/authentication-methods.ts'
import {
  AUTHENTICATION_SETTINGS,
  readAuthenticationSettings,
  type AuthenticationSettings,
} from './client-authentication/authentication-settings.ts'
import { clientCertificates } from './client-authentication/client-certificates.ts'
import type { ClientEndpointOptions } from './endpoints/client-endpoint.ts'
import { livenessEndpoint, readinessEndpoint, type Readiness } from './endpoints/health-endpoint.ts'
import { introspectionEndpoint } from './endpoints/introspection-endpoint.ts'
import { jwksEndpoint } from './endpoints/jwks-endpoint.ts'
import { metadataEndpoint } from './endpoints/metadata-endpoint.ts'
import { revocationEndpoint } from './endpoints/revocation-endpoint.ts'
import { revocationFeedEndpoint } from './endpoints/revocation-feed-endpoint.ts'
import { usageEndpoint } from './endpoints/usage-endpoint.ts'
import { tokenEndpoint } from './endpoints/token-endpoint.ts'
import { safeListener, type EventListener } from './events.ts'
import { clientCredentials } from './grants/client-credentials.ts'
import { toFetch } from './http/answer.ts'
import type { Connection } from './http/connection.ts'
import { dispatcher, type Route } from './http/dispatcher.ts'
import { inFlight } from './http/in-flight.ts'
import { keyCustody } from './keys/key-custody.ts'
import { keyRotation, type KeyRotation } from './keys/key-plan.ts'
import { signerOptions, type Signers } from './keys/signer.ts'
import { ownSignatures } from './keys/own-signatures.ts'
import { documentSigner } from './keys/signed-document.ts'
import { operation } from './operation/operation.ts'
import { liveRegistry } from './registry/live-registry.ts'
import { housekeeping } from './stores/housekeeping.ts'
import { provenReplayStore } from './stores/proven-replay-store.ts'
import { assertServerStore, type ServerStore } from './stores/server-store.ts'
import { deriveKeys } from './secrets/derived-keys.ts'
import { assertMasterKeys, type MasterKey } from './secrets/master-key.ts'
import { tokenReader } from './tokens/genuine-token.ts'
import { accessTokenIssuer, type TokenOptions } from './tokens/access-token-issuer.ts'
import { tokenBinding } from './tokens/token-binding.ts'

/** How to run an authorization server. */
export interface AuthorizationServerOptions extends TokenOptions, AuthenticationSettings {
  /** Its identifier: an https URL (http on loopback), a path allowed. Never change it. */
  readonly issuer: string
  /** Where everything is kept. The caller closes it. */
  readonly store: ServerStore
  /** The current master key first, then older ones that stored things still need. */
  readonly masterKeys: readonly MasterKey[]
  /**
   * When signing keys are replaced: by default every 90 days, the new one published 14 days before it
   * signs. `'off'`: by hand only. Either way the first key of an algorithm is made where a resource
   * needs it, and the private half of a key whose time is over is destroyed.
   */
  readonly keyRotation?: Partial<KeyRotation> | 'off'
  /** Where signing keys live that must not leave a KMS or HSM, each by a name that stays. */
  readonly signers?: Signers
  /** How long a signer may take, in milliseconds. Default 2,000. */
  readonly signerTimeout?: number
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
  /**
   * How often changes made elsewhere are looked for, in milliseconds. Default 500: every node obeys
   * within a second. A store that can tell is asked at once, besides.
   */
  readonly followInterval?: number
  /** How long the body of a request may take to arrive, in milliseconds. Default 10,000. */
  readonly bodyTimeout?: number
  /**
   * How old the registry in memory may get before the server says that it is not ready, in milliseconds.
   * Default a minute. Tokens are issued all the same.
   */
  readonly staleAfter?: number
  /** How long the audit log keeps an entry, in milliseconds. Default 90 days. */
  readonly auditRetention?: number
  /** Told of everything that happens. What it throws is dropped. */
  readonly onEvent?: EventListener
}

/** An OAuth 2.0 authorization server for machines. */
export interface AuthorizationServer extends AsyncDisposable {
  readonly issuer: string
  /**
   * Answers any request; never rejects. Below the issuer stand `/token`, `/introspect`, `/revoke`,
   * `/revocations`, `/usage`, `/jwks`, `/health/live` and `/health/ready`; the metadata is at the three well-known
   * places. Where a client may prove itself with a
   * certificate, `connection` says what came by the socket; `nodeListener` does that by itself.
   */
  fetch(request: Request, connection?: Connection): Promise<Response>
  /**
   * Resolves once the registry is in memory and there is a key to sign with; the first server on an
   * empty store makes one. `fetch` waits for it by itself.
   *
   * Rejects where the store cannot be read, or where no signing key opens with the master keys; a
   * later call tries again.
   */
  ready(): Promise<void>
  /** Takes in at once what changed in the store, which otherwise is seen within `followInterval`. */
  refresh(): Promise<void>
  /**
   * Whether the store has shown, by trial, that it tells a first use from a second. Client assertions
   * and DPoP are taken only then; until then the server tries again and again.
   */
  readonly replayProven: boolean
  /**
   * Answers any GET with the metrics of this server, in OpenMetrics text. It is a handler of its own, so
   * that it is on the port of `fetch` only where somebody puts it there.
   */
  metrics(request: Request): Promise<Response>
  /**
   * Says at `/health/ready` that no more requests should come, and goes on answering those that do. Call
   * it some seconds before `close`, for load balancers to notice.
   */
  drain(): void
  /**
   * Ends the server: later requests are answered with 503, those under way may finish for `deadline`
   * milliseconds (default 5,000), then what was counted and audited is stored. The store stays open.
   */
  close(options?: { readonly deadline?: number }): Promise<void>
}

const DAY = 86_400_000
const READ = ['GET', 'HEAD']
const OPTION_NAMES: readonly (keyof AuthorizationServerOptions)[] = [
  'issuer',
  'store',
  'masterKeys',
  'keyRotation',
  'signers',
  'signerTimeout',
  'claims',
  'claimsTimeout',
  'reuseWindow',
  'now',
  'followInterval',
  'bodyTimeout',
  'staleAfter',
  'auditRetention',
  ...AUTHENTICATION_SETTINGS,
  'onEvent',
]

/**
 * Creates an authorization server: the client credentials grant, JWT or opaque access tokens.
 *
 * It has no port: hand `fetch` to anything that serves web-standard requests, or use `nodeListener`
 * of `@countersign/server/node`. JWTs are issued from memory: no store call is on their path.
 *
 * Throws: `ArgumentError`, at once, before any I/O.
 * Source: RFC 6749 section 4.4; RFC 8414; RFC 8707; RFC 9068.
 */
export function createAuthorizationServer(
  options: AuthorizationServerOptions,
): AuthorizationServer {
  const caller = 'createAuthorizationServer'
  assertKnownOptions(caller, options, OPTION_NAMES)
  const { store, masterKeys } = options
  const issuer = parseIssuer(options.issuer)
  if (!issuer.ok) {
    throw new ArgumentError(
      options.issuer === undefined ? 'ERR_ARGUMENT_MISSING' : 'ERR_ARGUMENT_VALUE',
      'issuer',
      `${caller}: 'issuer' ${issuer.reason}`,
    )
  }
  assertServerStore(caller, store)
  assertMasterKeys(caller, masterKeys)
  const now = optionalFunction(caller, 'now', options.now, Date.now)
  const listener = safeListener(optionalFunction(caller, 'onEvent', options.onEvent, () => {}))
  const followInterval = optionalNumber(caller, 'followInterval', options.followInterval, {
    fallback: 500,
    min: 10,
    max: 3_600_000,
  })
  const staleAfter = optionalNumber(caller, 'staleAfter', options.staleAfter, {
    fallback: 60_000,
    min: 1000,
    max: 86_400_000,
  })
  const bodyTimeout = optionalNumber(caller, 'bodyTimeout', options.bodyTimeout, {
    fallback: 10_000,
    min: 10,
    max: 300_000,
  })
  const auditRetention = optionalNumber(caller, 'auditRetention', options.auditRetention, {
    fallback: 90 * DAY,
    min: 60_000,
    max: 36_500 * DAY,
  })
  const policy = readAuthenticationSettings(caller, options, issuer.value)

  let draining = false
  const readiness = (): Readiness => {
    const { state, lastReadAt = -Infinity } = registry
    if (state === 'closed') return 'closed'
    if (draining) return 'draining'
    if (state === 'ready') return now() - lastReadAt > staleAfter ? 'stale' : 'ready'
    // Whoever waits for readiness before the first request must not wait for ever.
    registry.ready().catch(() => {})
    return 'starting'
  }
  const { emit, ...running } = operation({
    store,
    now,
    listener,
    present: () => ({
      snapshot: registry.snapshot,
      lastReadAt: registry.lastReadAt,
      ready: registry.state === 'ready' && readiness() === 'ready',
      inFlight: requests.size,
      replayProven: replay.isProven,
    }),
  })
  const keyRing = deriveKeys(masterKeys)
  const replay = provenReplayStore({ store: store.replay, now, emit })
  const chores = housekeeping({
    store,
    forgetMarks: (at) => registry.snapshot.forgetRevocations(at),
    auditRetention,
    now,
    emit,
  })
  const registry = liveRegistry({
    store: store.registry,
    custody: keyCustody({ keyRing, ...signerOptions(caller, options) }),
    rotation: keyRotation(caller, options.keyRotation),
    followInterval,
    now,
    emit,
    prove: replay.prove,
    onReady: chores.start,
  })
  const base = issuer.value.replace(/\/$/, '')
  const urls = {
    token: `${base}/token`,
    introspection: `${base}/introspect`,
    revocation: `${base}/revoke`,
    revocationFeed: `${base}/revocations`,
    usage: `${base}/usage`,
    live: `${base}/health/live`,
    ready: `${base}/health/ready`,
    jwks: `${base}/jwks`,
  }
  const { mtlsOrigin } = policy
  const mtls = mtlsOrigin === undefined ? undefined : atOrigin(mtlsOrigin, urls)
  const certificates = policy.clientCertificates && clientCertificates(policy.clientCertificates)
  const authentication = authenticationMethods({
    policy,
    issuer: issuer.value,
    tokenEndpoints: mtls === undefined ? [urls.token] : [urls.token, mtls.token],
    keyRing,
    replay,
    certificates,
    now,
  })
  const client: ClientEndpointOptions = {
    realm: policy.profile === 'fapi2' ? undefined : new URL(issuer.value).href,
    methods: authentication.methods,
    bodyTimeout,
    snapshot: () => registry.snapshot,
    now,
    emit,
  }
  const read = tokenReader({
    issuer: issuer.value,
    opaqueTokens: store.opaqueTokens,
    verify: ownSignatures(),
  })
  const sign = documentSigner(registry.signingKey)
  const metadata = metadataEndpoint({
    issuer: issuer.value,
    tokenEndpoint: urls.token,
    introspectionEndpoint: urls.introspection,
    revocationEndpoint: urls.revocation,
    revocationFeed: urls.revocationFeed,
    usageEndpoint: urls.usage,
    jwksUri: urls.jwks,
    mtls,
    certificateBound: certificates !== undefined,
    dpopSigningAlgorithms: policy.announcedAlgorithms,
    authMethods: authentication.names,
    authSigningAlgorithms: authentication.signingAlgorithms,
    grantTypes: ['client_credentials'],
    introspectionSigningAlgorithms: ['ES256'],
  })
  const token = tokenEndpoint({
    ...client,
    grants: [clientCredentials()],
    constrain: tokenBinding({
      policy,
      issuer: issuer.value,
      tokenEndpoint: urls.token,
      mtlsTokenEndpoint: mtls?.token,
      keyRing,
      replay,
      certificates,
      now,
    }),
    issue: accessTokenIssuer(caller, options, {
      issuer: issuer.value,
      registry,
      opaqueTokens: store.opaqueTokens,
    }),
  })
  const introspection = introspectionEndpoint({ ...client, issuer: issuer.value, read, sign })
  const revocation = revocationEndpoint({ ...client, read, mark: registry.mark })
  const feed = revocationFeedEndpoint({
    issuer: issuer.value,
    snapshot: () => registry.snapshot,
    lastReadAt: () => registry.lastReadAt,
    sign,
    now,
  })
  const jwks = jwksEndpoint(() => registry.snapshot, now)
  const routes: (readonly [string, Route])[] = [
    [urls.token, { allow: ['POST'], answer: token }],
    [urls.introspection, { allow: ['POST'], answer: introspection }],
    [urls.revocation, { allow: ['POST'], answer: revocation }],
    [urls.usage, { allow: ['POST'], answer: usageEndpoint(client) }],
    [urls.revocationFeed, { allow: READ, answer: feed }],
    [urls.jwks, { allow: READ, answer: jwks }],
    [urls.live, { allow: READ, answer: livenessEndpoint(), waits: false }],
    [urls.ready, { allow: READ, answer: readinessEndpoint(readiness), waits: false }],
    ...metadataUrls(issuer.value).map((url) => [url, { allow: READ, answer: metadata }] as const),
  ]
  const requests = inFlight(
    dispatcher({
      routes: new Map(routes.map(([url, route]) => [new URL(url).pathname, route])),
      prepare: registry.prepare,
      onFailure: (error, correlationId) =>
        emit({ type: 'request.failed', at: now(), error, correlationId }),
    }),
  )

  async function close({ deadline = 5000 }: { readonly deadline?: number } = {}): Promise<void> {
    draining = true
    replay.close()
    chores.stop()
    await registry.close()
    await requests.idle(deadline)
    await running.close()
  }

  return {
    issuer: issuer.value,
    fetch: toFetch(requests.answerer),
    metrics: running.metrics,
    ready: registry.ready,
    refresh: registry.refresh,
    get replayProven() {
      return replay.isProven
    },
    drain() {
      draining = true
    },
    close,
    [Symbol.asyncDispose]: () => close(),
  }
}

/** The same endpoints at another origin. */
function atOrigin<Urls extends Readonly<Record<string, string>>>(origin: string, urls: Urls): Urls {
  const moved = Object.entries(urls).map(([name, url]) => [name, origin + new URL(url).pathname])
  return Object.fromEntries(moved) as Urls
}
