import { createPublicKey, randomUUID, X509Certificate } from 'node:crypto'
import {
  ArgumentError,
  assertKnownOptions,
  isJsonObject,
  optionalNumber,
  optionalString,
  parseJwkSet,
  parseSecureUrl,
  requiredString,
  type JsonObject,
} from '@countersign/protocol'
import {
  DEFAULT_SIGNATURE_ALGORITHMS,
  keyFits,
  SIGNATURE_ALGORITHMS,
  toPublicJwk,
  type SignatureAlgorithm,
} from '@countersign/verify'
import type {
  CredentialBase,
  CredentialProof,
  CredentialRecord,
  PublicKeyProof,
} from '../registry/records.ts'
import type { RegisteredClient } from '../registry/snapshot.ts'
import type { KeyRing } from '../secrets/derived-keys.ts'
import { generateSecret, isGeneratedSecret } from '../secrets/generated-secret.ts'
import { sealSecret } from '../secrets/sealed-secret.ts'
import { secret, type Secret } from '../secrets/secret.ts'
import { secretDigest } from '../secrets/secret-digest.ts'
import { makeSlowHash, parseSlowHash } from '../secrets/slow-hash.ts'
import { certificateSubjectProof } from './certificate-subject-proof.ts'
import type { NewCredential } from './new-credential.ts'
import { hasBlankAtEnd, optionalText, requiredText } from './trimmed-text.ts'

/** A credential just made, and its secret where this server made one. */
export interface MadeCredential {
  readonly record: CredentialRecord
  readonly secret: Secret | undefined
}

const NAMES: Readonly<Record<NewCredential['kind'], readonly string[]>> = {
  secret: ['sealed'],
  imported_secret: ['secret'],
  public_key: ['publicKey', 'alg', 'kid'],
  key_set: ['jwksUri', 'algorithms'],
  certificate: ['certificate'],
  certificate_subject: ['member', 'value'],
  federated: ['issuer', 'subject', 'audience', 'claims'],
}

/**
 * Makes the record of a credential, everything about it checked.
 *
 * `client` is the client as it stands, where it exists: its imported secrets share a salt.
 * Throws: `ArgumentError`, which quotes nothing of what was given.
 */
export async function makeCredential(
  caller: string,
  given: NewCredential,
  {
    keyRing,
    clientId,
    client,
    createdAt,
  }: {
    readonly keyRing: KeyRing
    readonly clientId: string
    readonly client: RegisteredClient | undefined
    readonly createdAt: number
  },
): Promise<MadeCredential> {
  const kinds = Object.keys(NAMES)
  if (!isJsonObject(given) || !kinds.includes(given.kind)) {
    throw new ArgumentError(
      given === undefined ? 'ERR_ARGUMENT_MISSING' : 'ERR_ARGUMENT_VALUE',
      'kind',
      `${caller}: a credential has a 'kind', one of ${kinds.join(', ')}`,
    )
  }
  assertKnownOptions(caller, given, ['kind', 'label', 'expiresAt', ...NAMES[given.kind]])
  const credential: NewCredential = given
  const bounds = { fallback: Infinity, min: 0, max: Number.MAX_SAFE_INTEGER }
  const expiresAt = optionalNumber(caller, 'expiresAt', credential.expiresAt, bounds)
  const base: CredentialBase = {
    credentialId: randomUUID(),
    clientId,
    label: optionalText(caller, 'label', credential.label) ?? credential.kind,
    state: 'active',
    createdAt,
    expiresAt: expiresAt === Infinity ? null : expiresAt,
  }
  if (credential.kind === 'secret') {
    const text = generateSecret()
    const sealed = credential.sealed === true ? sealSecret(keyRing, text, base.credentialId) : null
    return { record: { ...base, ...secretProof(keyRing, text, sealed) }, secret: secret(text) }
  }
  if (credential.kind === 'imported_secret') {
    const proof = await importedProof(caller, credential.secret, keyRing, client)
    return { record: { ...base, ...proof }, secret: undefined }
  }
  return { record: { ...base, ...publicProof(caller, credential) }, secret: undefined }
}

function secretProof(
  { current }: KeyRing,
  text: string,
  sealedSecret: string | null,
): CredentialProof {
  const digest = secretDigest(current.pepper, text).toString('base64url')
  return { kind: 'secret', digest, masterKeyVersion: current.version, sealedSecret }
}

async function importedProof(
  caller: string,
  value: unknown,
  keyRing: KeyRing,
  client: RegisteredClient | undefined,
): Promise<CredentialProof> {
  const text = requiredString(caller, 'secret', value)
  if (text.length < 8 || text.length > 256) {
    throw invalid(caller, 'secret', 'must have 8 to 256 characters')
  }
  // One that another server of this kind made needs no slow hash: it is as random as ours.
  if (isGeneratedSecret(text)) return secretProof(keyRing, text, null)
  const [like] = Array.from(client?.credentials.values() ?? []).flatMap((one) =>
    one.kind === 'imported_secret' ? [parseSlowHash(one.hash)] : [],
  )
  return { kind: 'imported_secret', hash: await makeSlowHash(text, like) }
}

function publicProof(
  caller: string,
  given: Exclude<NewCredential, { readonly kind: 'secret' | 'imported_secret' }>,
): CredentialProof {
  switch (given.kind) {
    case 'public_key':
      return publicKeyProof(caller, given)
    case 'key_set': {
      const jwksUri = parseSecureUrl('jwksUri', given.jwksUri)
      if (!jwksUri.ok) throw invalid(caller, 'jwksUri', jwksUri.reason)
      return {
        kind: 'key_set',
        jwksUri: given.jwksUri,
        algorithms: parseAlgorithms(caller, given.algorithms),
      }
    }
    case 'certificate':
      return {
        kind: 'certificate',
        thumbprint: certificateThumbprint(caller, given.certificate),
      }
    case 'certificate_subject':
      return certificateSubjectProof(caller, given)
    case 'federated':
      return {
        kind: 'federated',
        issuer: requiredString(caller, 'issuer', given.issuer),
        subject: requiredText(caller, 'subject', given.subject),
        audience: optionalText(caller, 'audience', given.audience) ?? null,
        claims: parseClaims(caller, given.claims),
      }
  }
}

function publicKeyProof(
  caller: string,
  given: { readonly publicKey: unknown; readonly alg?: string; readonly kid?: string },
): PublicKeyProof {
  const whole = toJwk(caller, given.publicKey)
  const set = parseJwkSet({ keys: [whole] })
  if (!set.ok) throw invalid(caller, 'publicKey', 'holds a private or symmetric key')
  const [key] = set.value
  const kid = optionalString(caller, 'kid', given.kid) ?? key?.kid
  const jwk = key && toPublicJwk(key)
  if (key === undefined || jwk === undefined) {
    throw invalid(
      caller,
      'publicKey',
      'must be a key to verify with: P-256, Ed25519, ML-DSA, or RSA of 2,048 bits or more',
    )
  }
  const alg = optionalString(caller, 'alg', given.alg) ?? key.alg ?? DEFAULT_ALGORITHMS[key.kty]
  const known = SIGNATURE_ALGORITHMS.find((one) => one === alg)
  if (
    known === undefined ||
    !keyFits({ ...key, alg: alg === key.alg ? key.alg : undefined }, known)
  ) {
    throw invalid(caller, 'alg', 'must be an algorithm of this key')
  }
  return {
    kind: 'public_key',
    publicJwk: { ...jwk, ...(kid !== undefined && { kid }) },
    alg: known,
  }
}

const DEFAULT_ALGORITHMS = { EC: 'ES256', OKP: 'Ed25519', RSA: 'PS256', AKP: undefined } as const

function toJwk(caller: string, value: unknown): JsonObject {
  if (isJsonObject(value)) return value
  if (typeof value !== 'string') {
    throw new ArgumentError(
      value === undefined ? 'ERR_ARGUMENT_MISSING' : 'ERR_ARGUMENT_TYPE',
      'publicKey',
      `${caller}: 'publicKey' must be a JWK or the PEM text of a public key`,
    )
  }
  // The crypto library would derive the public half by itself; a private key has no business here.
  if (!value.includes('-----BEGIN PUBLIC KEY-----')) {
    throw invalid(caller, 'publicKey', 'must be a public key: -----BEGIN PUBLIC KEY-----')
  }
  try {
    return { ...createPublicKey(value).export({ format: 'jwk' }) }
  } catch {
    throw invalid(caller, 'publicKey', 'is not the PEM text of a public key that can be read')
  }
}

/** The algorithms of a list, each one that signatures are checked for. */
export function parseAlgorithms(caller: string, value: unknown): readonly SignatureAlgorithm[] {
  if (value === undefined) return DEFAULT_SIGNATURE_ALGORITHMS
  const known: readonly unknown[] = SIGNATURE_ALGORITHMS
  if (!Array.isArray(value) || value.length === 0 || value.some((one) => !known.includes(one))) {
    throw invalid(caller, 'algorithms', `must be a list; known are ${known.join(', ')}`)
  }
  return [...(value as readonly SignatureAlgorithm[])]
}

function certificateThumbprint(caller: string, value: unknown): string {
  const text = requiredString(caller, 'certificate', value)
  try {
    const { fingerprint256 } = new X509Certificate(text)
    return Buffer.from(fingerprint256.replaceAll(':', ''), 'hex').toString('base64url')
  } catch {
    throw invalid(caller, 'certificate', 'is not the PEM text of a certificate')
  }
}

function parseClaims(caller: string, value: unknown): Readonly<Record<string, string>> {
  if (value === undefined) return {}
  if (!isJsonObject(value) || !Object.values(value).every((one) => typeof one === 'string')) {
    throw invalid(caller, 'claims', 'must be an object of texts')
  }
  const claims = value as Readonly<Record<string, string>>
  if (Object.entries(claims).flat().some(hasBlankAtEnd)) {
    throw invalid(caller, 'claims', 'must not begin or end with a blank')
  }
  return { ...claims }
}

function invalid(caller: string, name: string, message: string): ArgumentError {
  return new ArgumentError('ERR_ARGUMENT_VALUE', name, `${caller}: '${name}' ${message}`)
}
