import { ArgumentError, assertKnownOptions, optionalFunction } from '@countersign/protocol'
import { importSigningKey, type SigningKey, type SigningKeyInput } from '../jose/signing-key.ts'
import {
  isSignatureAlgorithm,
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
} from '../jose/signature-algorithm.ts'
import { dpopChallengeError } from './dpop-challenge-error.ts'
import { dpopPeers, goesFirst, settleFirst, type DpopPeer } from './dpop-peers.ts'
import { dpopProof, noProof } from './dpop-proof.ts'
import { memoryNonceStore, nonceOf, type NonceStore } from './nonce-store.ts'
import type { SenderConstraint } from './sender-constraint.ts'

/** How tokens are bound to a key. */
export interface DpopOptions {
  /**
   * The private key: JWK, PKCS#8 PEM, WebCrypto, or one in a KMS with its `publicJwk`. Default: one
   * made at first use, which cannot be read out of this process. Processes that share tokens must
   * share the key.
   */
  readonly key?: SigningKeyInput
  /** Default: the key's own; ES256 for the key that is made. */
  readonly alg?: SignatureAlgorithm
  /** Where nonces are kept. Default {@link memoryNonceStore}: one of its own. */
  readonly nonceStore?: NonceStore
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

const DPOP_OPTIONS: readonly (keyof DpopOptions)[] = ['key', 'alg', 'nonceStore', 'now']

/**
 * Binds tokens to a key by DPoP: every request proves anew that its sender holds the key.
 *
 * Proofs carry the newest nonce of the server they go to, taken from any answer, and follow its
 * clock. A server that demands a nonce, or refuses a proof while its clock is not ours, is asked once
 * more. Where many requests begin at once at a server not seen before, one of them goes ahead and the
 * others wait for its answer, two seconds at most. Nothing is made before the first use.
 *
 * Throws when made: `ArgumentError`. Rejects when used: `ERR_PROOF`, and the call is not sent.
 * Source: RFC 9449.
 *
 * @example createClient({ issuer, clientId, clientSecret, senderConstraint: dpop() })
 */
export function dpop(options: DpopOptions = {}): SenderConstraint {
  assertKnownOptions('dpop', options, DPOP_OPTIONS)
  const given: DpopOptions = options
  const signingKey = keyOf(given)
  const nonces = guarded(given.nonceStore)
  const now = optionalFunction('dpop', 'now', given.now, Date.now)
  const peerOf = dpopPeers(now)
  /** What was tried with the headers that were given out. */
  const tries = new WeakMap<Readonly<Record<string, string>>, Try>()
  let binding = ''

  return {
    tokenType: 'DPoP',

    async binding() {
      return (await signingKey()).fingerprint
    },

    async headers(request) {
      const key = await signingKey()
      binding = key.fingerprint
      const peer = peerOf(request.role, request.url)
      const place = `${peer.name} ${binding}`
      const isCold = !peer.known && nonces.get(place) === undefined
      const isFirst = isCold && (await goesFirst(peer, request.signal))
      try {
        const nonce = nonces.get(place)
        const skew = skewOf(peer, now)
        const sent = { dpop: await dpopProof(request, key, { issuedAt: now() + skew, nonce }) }
        tries.set(sent, { peer, isFirst, nonce, skew })
        return sent
      } catch (error) {
        if (isFirst) settleFirst(peer)
        throw error
      }
    },

    learn({ role, url, status, headers, error: told, sent }) {
      const tried = sent === undefined ? undefined : tries.get(sent)
      const peer = tried?.peer ?? peerOf(role, url)
      const skew = tried?.skew ?? skewOf(peer, now)
      peer.clock.learn(headers.get('date'))
      const nonce = nonceOf(headers)
      if (nonce !== undefined) nonces.set(`${peer.name} ${binding}`, nonce)
      // What a gateway says in the server's place does not tell what the server wants.
      peer.known ||= status < 500
      settleFirst(peer)
      const error = role === 'resource' ? dpopChallengeError(status, headers) : told
      // A server that gives the nonce it has just refused would refuse it again.
      if (error === 'use_dpop_nonce') return nonce !== undefined && nonce !== tried?.nonce
      return error === 'invalid_dpop_proof' && Math.abs(skewOf(peer, now) - skew) >= SKEW_STEP
    },

    abandon(sent) {
      const tried = tries.get(sent)
      if (tried?.isFirst === true) settleFirst(tried.peer)
    },
  }
}

interface Try {
  readonly peer: DpopPeer
  /** Whether others wait for its outcome. */
  readonly isFirst: boolean
  readonly nonce: string | undefined
  readonly skew: number
}

/** Milliseconds by which a clock must have been wrong for a proof to be worth another try. */
const SKEW_STEP = 2000

/** How far the peer's clock is ahead of ours, as far as is known. */
function skewOf(peer: DpopPeer, now: () => number): number {
  return peer.clock.now() - now()
}

function keyOf({ key, alg }: DpopOptions): () => Promise<SigningKey> {
  if (key === undefined) return madeKey(alg ?? 'ES256')
  const given = importSigningKey(key, alg, 'dpop')
  if (typeof key === 'object' && lacksPublicHalf(key)) {
    const message = "dpop: 'key' comes without its public half: give a pair, or 'publicJwk' with it"
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'key', message)
  }
  return async () => {
    try {
      return await given()
    } catch (error) {
      throw noProof(error)
    }
  }
}

function lacksPublicHalf(key: Exclude<SigningKeyInput, string>): boolean {
  if ('sign' in key) return key.publicJwk === undefined
  return 'extractable' in key && !key.extractable
}

/** A key of our own, made at first use. */
function madeKey(alg: SignatureAlgorithm): () => Promise<SigningKey> {
  if (!isSignatureAlgorithm(alg) || SIGNATURE_ALGORITHMS[alg].kind === 'RSA') {
    const message = "dpop: 'alg' must be ES256, ES384 or Ed25519 where no key is given"
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'alg', message)
  }
  const { key: parameters } = SIGNATURE_ALGORITHMS[alg]
  let made: SigningKey | undefined
  return async () => {
    if (made !== undefined) return made
    try {
      const usages: KeyUsage[] = ['sign', 'verify']
      const pair = await crypto.subtle.generateKey(parameters, false, usages)
      const candidate = await importSigningKey(pair, alg, 'dpop')()
      // Whoever is first decides: two keys would part the tokens from the proofs.
      return (made ??= candidate)
    } catch (error) {
      throw noProof(error)
    }
  }
}

/** The store as given, with what it throws dropped. */
function guarded(store: NonceStore = memoryNonceStore()): NonceStore {
  if (typeof store?.get !== 'function' || typeof store.set !== 'function') {
    const message = "dpop: 'nonceStore' must have 'get' and 'set'"
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'nonceStore', message)
  }
  return {
    get(key) {
      try {
        const nonce: unknown = store.get(key)
        return typeof nonce === 'string' ? nonce : undefined
      } catch {
        return undefined
      }
    },
    set(key, nonce) {
      try {
        store.set(key, nonce)
      } catch {
        // The next answer brings another.
      }
    },
  }
}
