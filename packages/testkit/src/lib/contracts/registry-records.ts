import type {
  ClientRecord,
  CredentialRecord,
  GrantRecord,
  ResourceRecord,
  RevocationRecord,
  SigningKeyRecord,
  TrustedIssuerRecord,
} from '@countersign/server'

const AT = Date.UTC(2026, 0, 1)

/** A client record to store in a test. */
export function aClient(clientId: string): ClientRecord {
  return {
    clientId,
    name: `The ${clientId} service – ünïcode "quoted"`,
    state: 'active',
    authenticationMethods: ['client_secret_basic'],
    createdAt: AT,
  }
}

/** A credential record to store in a test. */
export function aCredential(credentialId: string, clientId: string): CredentialRecord {
  return {
    credentialId,
    clientId,
    label: "it's labelled",
    kind: 'secret',
    digest: 'ZGlnZXN0',
    masterKeyVersion: 3,
    sealedSecret: null,
    state: 'active',
    createdAt: AT,
    expiresAt: null,
  }
}

/** A resource record to store in a test. */
export function aResource(resource: string): ResourceRecord {
  return {
    resource,
    name: 'Orders',
    scopes: ['orders:read', 'orders:write'],
    tokenLifetimeSeconds: 3600,
    tokenFormat: 'jwt',
    signingAlgorithm: 'ES256',
    senderConstraint: 'none',
    introspectionClients: ['orders-api'],
    authorizationDetails: { payment: { members: { amount: { type: 'number', required: true } } } },
    state: 'active',
    createdAt: AT,
  }
}

/** A grant record to store in a test. */
export function aGrant(clientId: string, resource: string): GrantRecord {
  return {
    clientId,
    resource,
    scopes: ['orders:read'],
    tokenLifetimeSeconds: null,
    authorizationDetailsTypes: ['payment'],
    createdAt: AT,
  }
}

/** A signing key record to store in a test; its key is none. */
export function aSigningKey(kid: string): SigningKeyRecord {
  return {
    kid,
    alg: 'ES256',
    publicJwk: { kty: 'EC', crv: 'P-256', x: 'eA', y: 'eQ' },
    sealedPrivateKey: 'c2VhbGVk',
    masterKeyVersion: 1,
    externalKey: null,
    createdAt: AT,
    signsFrom: AT + 600_000,
    withdrawAt: null,
  }
}

/** A trusted issuer record to store in a test. */
export function aTrustedIssuer(issuer: string): TrustedIssuerRecord {
  return {
    issuer,
    name: 'The cluster',
    jwksUri: null,
    jwks: { keys: [] },
    algorithms: ['RS256'],
    maxLifetimeSeconds: 3600,
    singleUse: true,
    state: 'active',
    createdAt: AT,
  }
}

/** A revocation mark to store in a test. */
export function aRevocation(id: string, expiresAt: number): RevocationRecord {
  return { target: 'token', id, notAfter: AT, expiresAt, createdAt: AT }
}
