import { ArgumentError } from '../arguments/argument-error.ts'
import { formatBase64url, parseBase64url } from '../text/base64url.ts'

/**
 * A fresh key for a shared store: 32 random bytes as base64url.
 *
 * Every process that shares gets it, from where secrets are kept; the store must not.
 */
export function generateStoreKey(): string {
  return formatBase64url(crypto.getRandomValues(new Uint8Array(KEY_BYTES)))
}

/** What is derived from one key of the ring. */
export interface StoreKey {
  /** What it is for: keys of one secret for two purposes have nothing in common. */
  readonly purpose: StorePurpose
  /** Names the key in what it seals; tells nothing about it. */
  readonly id: string
  /** AES-256-GCM: seals what is kept. */
  readonly sealing: CryptoKey
  /** HMAC-SHA-256: makes the names under which it is kept. */
  readonly naming: CryptoKey
}

/** What is kept in a shared store: tokens of a client, or answers about tokens. */
export type StorePurpose = 'token' | 'answer'

/**
 * The keys of a ring for one purpose, derived when they are first asked for. The first seals, all open.
 *
 * Throws: `ArgumentError` naming `keys`, at once.
 */
export function storeKeyRing(
  caller: string,
  keys: unknown,
  purpose: StorePurpose,
): () => Promise<readonly StoreKey[]> {
  const secrets = secretsOf(caller, keys)
  let derived: readonly StoreKey[] | undefined
  // The result is kept and not the promise: some platforms let no request wait for another's.
  return async () =>
    (derived ??= await Promise.all(secrets.map((secret) => derive(secret, purpose))))
}

const KEY_BYTES = 32
/** Most keys of one ring: each costs a look into the store where a token is missing. */
const MAX_KEYS = 4

function secretsOf(caller: string, keys: unknown): readonly Uint8Array<ArrayBuffer>[] {
  if (keys === undefined) {
    const message = `${caller}: 'keys' is required; make one with generateStoreKey() and keep it secret`
    throw new ArgumentError('ERR_ARGUMENT_MISSING', 'keys', message)
  }
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > MAX_KEYS) {
    const message = `${caller}: 'keys' must be a list of 1 to ${MAX_KEYS} keys, the current one first`
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'keys', message)
  }
  const secrets = keys.map((key: unknown, index) => {
    const bytes = typeof key === 'string' ? parseBase64url(key) : key
    if (bytes instanceof Uint8Array && bytes.length === KEY_BYTES) return Uint8Array.from(bytes)
    const message = `${caller}: 'keys[${index}]' must be 32 bytes, as such or in base64url`
    throw new ArgumentError('ERR_ARGUMENT_VALUE', `keys[${index}]`, message)
  })
  if (new Set(secrets.map(formatBase64url)).size === secrets.length) return secrets
  throw new ArgumentError('ERR_ARGUMENT_VALUE', 'keys', `${caller}: 'keys' holds one key twice`)
}

/** Three uses, three keys: what one of them gives away is of no use for another. */
async function derive(secret: Uint8Array<ArrayBuffer>, purpose: StorePurpose): Promise<StoreKey> {
  const { subtle } = crypto
  const root = await subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey', 'deriveBits'])
  const hkdf = (use: string) => ({
    name: 'HKDF',
    hash: 'SHA-256',
    salt: new Uint8Array(0),
    info: new TextEncoder().encode(`countersign ${purpose} store ${use}`),
  })
  const [id, sealing, naming] = await Promise.all([
    subtle.deriveBits(hkdf('id'), root, 64),
    subtle.deriveKey(hkdf('seal'), root, { name: 'AES-GCM', length: 256 }, false, [
      'encrypt',
      'decrypt',
    ]),
    subtle.deriveKey(hkdf('name'), root, { name: 'HMAC', hash: 'SHA-256', length: 256 }, false, [
      'sign',
    ]),
  ])
  return { purpose, id: formatBase64url(new Uint8Array(id)), sealing, naming }
}
