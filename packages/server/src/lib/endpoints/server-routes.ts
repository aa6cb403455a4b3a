import { metadataUrls } from '@countersign/protocol'
import { authenticationMethods } from '../client-authentication/authentication-methods.ts'
import { clientCertificates } from '../client-authentication/client-certificates.ts'
import type { FirstUses } from '../client-authentication/first-use.ts'
import type { EventListener } from '../events.ts'
import { clientCredentials } from '../grants/client-credentials.ts'
import type { Route } from '../http/dispatcher.ts'
import { ownSignatures } from '../keys/own-signatures.ts'
import { documentSigner } from '../keys/signed-document.ts'
import type { LiveRegistry } from '../registry/live-registry.ts'
import type { KeyRing } from '../secrets/derived-keys.ts'
import type { ServerSettings } from '../server-options.ts'
import { tokenReader } from '../tokens/genuine-token.ts'
import { tokenBinding } from '../tokens/token-binding.ts'
import type { TokenIssuer } from '../tokens/token-issuer.ts'
import type { ClientEndpointOptions } from './client-endpoint.ts'
import { endpointUrls, endpointUrlsAt } from './endpoint-urls.ts'
import { livenessEndpoint, readinessEndpoint, type Readiness } from './health-endpoint.ts'
import { introspectionEndpoint } from './introspection-endpoint.ts'
import { jwksEndpoint } from './jwks-endpoint.ts'
import { metadataEndpoint } from './metadata-endpoint.ts'
import { revocationEndpoint } from './revocation-endpoint.ts'
import { revocationFeedEndpoint } from './revocation-feed-endpoint.ts'
import { tokenEndpoint } from './token-endpoint.ts'
import { usageEndpoint } from './usage-endpoint.ts'

/** What the endpoints of a server work on. */
export interface EndpointParts {
  readonly settings: ServerSettings
  readonly registry: LiveRegistry
  readonly keyRing: KeyRing
  readonly replay: FirstUses
  readonly issue: TokenIssuer
  readonly readiness: () => Readiness
  readonly emit: EventListener
}

const READ = ['GET', 'HEAD']

/** Every endpoint of a server, by its path. */
export function serverRoutes({
  settings,
  registry,
  keyRing,
  replay,
  issue,
  readiness,
  emit,
}: EndpointParts): ReadonlyMap<string, Route> {
  const { issuer, policy, bodyTimeout, now } = settings
  const urls = endpointUrls(issuer)
  const { mtlsOrigin } = policy
  const mtls = mtlsOrigin === undefined ? undefined : endpointUrlsAt(mtlsOrigin, issuer)
  const certificates = policy.clientCertificates && clientCertificates(policy.clientCertificates)
  const authentication = authenticationMethods({
    policy,
    issuer,
    tokenEndpoints: mtls === undefined ? [urls.token] : [urls.token, mtls.token],
    keyRing,
    replay,
    certificates,
    now,
  })
  const client: ClientEndpointOptions = {
    realm: policy.profile === 'fapi2' ? undefined : new URL(issuer).href,
    methods: authentication.methods,
    bodyTimeout,
    snapshot: () => registry.snapshot,
    now,
    emit,
  }
  const read = tokenReader({
    issuer,
    opaqueTokens: settings.store.opaqueTokens,
    verify: ownSignatures(),
  })
  const sign = documentSigner(registry.signingKey)
  const metadata = metadataEndpoint({
    issuer,
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
      issuer,
      tokenEndpoint: urls.token,
      mtlsTokenEndpoint: mtls?.token,
      keyRing,
      replay,
      certificates,
      now,
    }),
    issue,
  })
  const introspection = introspectionEndpoint({ ...client, issuer, read, sign })
  const revocation = revocationEndpoint({ ...client, read, mark: registry.mark })
  const feed = revocationFeedEndpoint({
    issuer,
    snapshot: () => registry.snapshot,
    lastReadAt: () => registry.lastReadAt,
    sign,
    now,
  })
  const jwks = jwksEndpoint(() => registry.snapshot, now)
  const routes: readonly (readonly [url: string, Route])[] = [
    [urls.token, { allow: ['POST'], answer: token }],
    [urls.introspection, { allow: ['POST'], answer: introspection }],
    [urls.revocation, { allow: ['POST'], answer: revocation }],
    [urls.usage, { allow: ['POST'], answer: usageEndpoint(client) }],
    [urls.revocationFeed, { allow: READ, answer: feed }],
    [urls.jwks, { allow: READ, answer: jwks }],
    [urls.live, { allow: READ, answer: livenessEndpoint(), waits: false }],
    [urls.ready, { allow: READ, answer: readinessEndpoint(readiness), waits: false }],
    ...metadataUrls(issuer).map((url) => [url, { allow: READ, answer: metadata }] as const),
  ]
  return new Map(routes.map(([url, route]) => [new URL(url).pathname, route]))
}
