import { parseBasicCredentials } from '@countersign/protocol'
import { ProtocolError } from '../protocol-error.ts'
import type { RefusalReason } from '../refusal-reasons.ts'
import type { CredentialRecord } from '../registry/records.ts'
import type { RegisteredClient } from '../registry/snapshot.ts'
import type { KeyRing } from '../secrets/derived-keys.ts'
import { isGeneratedSecret } from '../secrets/generated-secret.ts'
import { digestsEqual, secretDigest } from '../secrets/secret-digest.ts'
import type { AuthenticationMethod, ProofVerdict } from './authentication-method.ts'

/**
 * `client_secret_basic`: identifier and secret in the Authorization header, each form-encoded.
 *
 * Source: RFC 6749 section 2.3.1.
 */
export function clientSecretBasic(keyRing: KeyRing): AuthenticationMethod {
  return ({ request }) => {
    const header = request.headers.get('authorization')
    if (header === null) return undefined
    if (!/^basic(?: |$)/i.test(header)) throw new ProtocolError('method_unsupported')
    const credentials = parseBasicCredentials(header)
    if (!credentials.ok) throw new ProtocolError('basic_malformed')
    const { clientId, clientSecret } = credentials.value
    return {
      method: 'client_secret_basic',
      clientId,
      verify: (client, now) => verifySecret(keyRing, clientSecret, client, now),
    }
  }
}

/** `client_secret_post`: identifier and secret in the body. Source: RFC 6749 section 2.3.1. */
export function clientSecretPost(keyRing: KeyRing): AuthenticationMethod {
  return (_received, form) => {
    const clientSecret = form.get('client_secret')?.[0]
    if (clientSecret === undefined) return undefined
    const clientId = form.get('client_id')?.[0]
    if (clientId === undefined) throw new ProtocolError('credentials_missing')
    return {
      method: 'client_secret_post',
      clientId,
      verify: (client, now) => verifySecret(keyRing, clientSecret, client, now),
    }
  }
}

/**
 * Compares a secret with every credential of a client, expired ones included: whether one is still
 * good is looked at last, so that the work done does not depend on it.
 */
function verifySecret(
  keyRing: KeyRing,
  secret: string,
  client: RegisteredClient | undefined,
  now: number,
): ProofVerdict {
  const { current } = keyRing
  const digests = new Map([[current.version, secretDigest(current.pepper, secret)]])
  if (client === undefined) {
    digestsEqual(digests.get(current.version) ?? NO_DIGEST, NO_DIGEST)
    return { ok: false, reason: 'client_unknown' }
  }
  let reason: RefusalReason | undefined
  let proven: CredentialRecord | undefined
  let secrets = 0
  let comparable = 0
  for (const credential of client.credentials.values()) {
    if (credential.kind !== 'secret') continue
    secrets++
    const keys = keyRing.of(credential.masterKeyVersion)
    if (keys === undefined) continue
    comparable++
    const digest = digests.get(keys.version) ?? secretDigest(keys.pepper, secret)
    digests.set(keys.version, digest)
    if (!digestsEqual(digest, Buffer.from(credential.digest, 'base64url'))) continue
    if (credential.state === 'active' && now < (credential.expiresAt ?? Infinity)) {
      proven = credential
    } else reason = 'secret_expired'
  }
  if (proven !== undefined) return { ok: true, credential: proven }
  if (comparable === 0 && secrets > 0) reason = 'master_key_missing'
  reason ??= isGeneratedSecret(secret) ? 'secret_wrong' : 'secret_malformed'
  return { ok: false, reason }
}

/** Stands in for the digest of an unknown client. */
const NO_DIGEST = new Uint8Array(32)
