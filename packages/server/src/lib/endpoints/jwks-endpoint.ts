import { formatJwkSet } from '@countersign/protocol'
import { jsonAnswer, type Answer } from '../http/answer.ts'
import { publishedKeys } from '../keys/key-schedule.ts'
import type { RegistrySnapshot } from '../registry/snapshot.ts'

/**
 * The public keys: those that are announced, signing, or retained for tokens still alive.
 *
 * May be cached 5 minutes, half the time a key is announced ahead by default.
 * Source: RFC 7517 sections 4 and 5.
 */
export function jwksEndpoint(snapshot: () => RegistrySnapshot, now: () => number): () => Answer {
  return () => {
    const keys = publishedKeys(snapshot().signingKeys.values(), now())
    const jwks = keys.map(({ kid, alg, publicJwk }) => ({ ...publicJwk, kid, alg, use: 'sig' }))
    return jsonAnswer(200, formatJwkSet(jwks), { 'cache-control': 'max-age=300' })
  }
}
