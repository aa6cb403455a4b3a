import { ArgumentError, assertKnownOptions } from '@countersign/protocol'
import { CredentialError } from '../errors/token-error.ts'
import type { JwtSigner } from '../jose/compact-jwt.ts'
import { readSecrets, type SecretSource } from '../secrets/secret-source.ts'
import {
  CLIENT_ASSERTION_OPTIONS,
  clientAssertionSettings,
  presentClientAssertion,
  signClientAssertion,
  type ClientAssertionOptions,
} from './client-assertion.ts'
import type { AuthenticatedRequest, ClientAuthentication } from './client-authentication.ts'
import { credentialFingerprint } from './credential-fingerprint.ts'

/** Where the secret is, and how assertions are written. */
export interface ClientSecretJwtOptions extends ClientAssertionOptions {
  /** The secret itself, or where it is; 32 bytes at least, as HMAC-SHA-256 demands. */
  readonly clientSecret: string | SecretSource
}

/** Fewest bytes of a secret. Source: RFC 7518 section 3.2. */
const MIN_SECRET = 32

/**
 * Authentication with a secret that is never sent: it signs a short-lived assertion (HS256).
 *
 * The source is read at each try, and every try has an assertion of its own. After a refusal, a
 * secret that was not refused is tried, as with secrets that are sent.
 *
 * Throws when made: `ArgumentError`. Rejects when used: `ERR_CREDENTIAL`, for a short secret as well.
 * Source: RFC 7523 sections 2.2 and 3; OpenID Connect Core 1.0 section 9.
 *
 * @example clientAuthentication: clientSecretJwt({ clientSecret: fromEnv('CLIENT_SECRET') })
 */
export function clientSecretJwt(options: ClientSecretJwtOptions): ClientAuthentication {
  assertKnownOptions('clientSecretJwt', options, ['clientSecret', ...CLIENT_ASSERTION_OPTIONS])
  const { clientSecret, ...assertion }: ClientSecretJwtOptions = options
  const source = sourceOf(clientSecret)
  const settings = clientAssertionSettings('clientSecretJwt', assertion)
  /** Which secret is behind a proof: the proof itself does not show it. */
  const secretOf = new WeakMap<AuthenticatedRequest, string>()
  return {
    method: 'client_secret_jwt',
    async authenticate(context, refused) {
      const secrets = await readSecrets(source, { reread: refused.length > 0 })
      const secret = secrets.find((one) => !refused.some((proof) => secretOf.get(proof) === one))
      if (secret === undefined) return undefined
      const signer = await hmacSigner(secret)
      const proof = presentClientAssertion(
        context.clientId,
        await signClientAssertion(context, settings, { signer }),
      )
      secretOf.set(proof, secret)
      return proof
    },
    fingerprint: async () => credentialFingerprint(await readSecrets(source)),
  }
}

function sourceOf(secret: unknown): SecretSource {
  if (typeof secret === 'function') return secret as SecretSource
  if (typeof secret !== 'string') {
    const code = secret === undefined ? 'ERR_ARGUMENT_MISSING' : 'ERR_ARGUMENT_TYPE'
    const message = "clientSecretJwt: 'clientSecret' must be a string or a source of one"
    throw new ArgumentError(code, 'clientSecret', message)
  }
  if (new TextEncoder().encode(secret).length < MIN_SECRET) {
    const message = `clientSecretJwt: 'clientSecret' must have ${MIN_SECRET} bytes or more for HS256`
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'clientSecret', message)
  }
  return () => secret
}

async function hmacSigner(secret: string): Promise<JwtSigner> {
  const bytes = new TextEncoder().encode(secret)
  if (bytes.length < MIN_SECRET) {
    throw new CredentialError('ERR_CREDENTIAL', 'the secret is too short to sign with', {
      phase: 'credential',
      hint: `HS256 needs ${MIN_SECRET} bytes or more: have a longer one made, or use client_secret_basic`,
    })
  }
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['sign'])
  return {
    alg: 'HS256',
    sign: async (data) => new Uint8Array(await crypto.subtle.sign('HMAC', key, data)),
  }
}
