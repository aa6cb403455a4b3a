import { randomBytes } from 'node:crypto'
import {
  ArgumentError,
  formatBase64url,
  parseBase64url,
  parsed,
  unparsed,
  type Parsed,
} from '@countersign/protocol'

/**
 * The key that everything at rest is protected with: secret digests and signing keys derive theirs.
 *
 * Keep it apart from the store: whoever has both can sign tokens. To rotate, put a key of a higher
 * version first and keep the old ones: what they protect is read as before, and what is written from
 * then on uses the first.
 */
export interface MasterKey {
  /** A whole number from 1, different for each key. Stored beside what the key protects. */
  readonly version: number
  /** 32 random bytes. */
  readonly key: Uint8Array
}

/** A fresh master key of `version`, by default 1. Its bytes show in no inspection and no JSON. */
export function generateMasterKey(version = 1): MasterKey {
  if (!isVersion(version)) {
    throw new ArgumentError(
      'ERR_ARGUMENT_VALUE',
      'version',
      'generateMasterKey: version must be a whole number from 1',
    )
  }
  return masterKey(version, randomBytes(MASTER_KEY_BYTES))
}

/** The text form of master keys for a file: one `version:base64url` a line, the current one first. */
export function formatMasterKeys(masterKeys: readonly MasterKey[]): string {
  return masterKeys.map(({ version, key }) => `${version}:${formatBase64url(key)}\n`).join('')
}

/** Reads what {@link formatMasterKeys} wrote. Empty lines are skipped; at least one key must stand. */
export function parseMasterKeys(text: string): Parsed<readonly MasterKey[]> {
  const keys: MasterKey[] = []
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue
    const match = /^\s*([1-9]\d{0,8}):([A-Za-z0-9_-]{43})\s*$/.exec(line)
    const bytes = parseBase64url(match?.[2] ?? '')
    if (match === null || bytes === undefined) {
      return unparsed('masterKeys', 'holds a line other than version:base64url of 32 bytes')
    }
    const version = Number(match[1])
    if (keys.some((key) => key.version === version)) {
      return unparsed('masterKeys', 'holds one version twice')
    }
    keys.push(masterKey(version, bytes))
  }
  return keys.length === 0 ? unparsed('masterKeys', 'holds no key') : parsed(keys)
}

/** Refuses anything but a list of distinct master keys. Throws: `ArgumentError` naming `masterKeys`. */
export function assertMasterKeys(
  caller: string,
  value: unknown,
): asserts value is readonly MasterKey[] {
  if (value === undefined) {
    throw new ArgumentError(
      'ERR_ARGUMENT_MISSING',
      'masterKeys',
      `${caller}: 'masterKeys' is required; make one with generateMasterKey() and keep it`,
    )
  }
  if (!Array.isArray(value) || value.length === 0 || !value.every(isMasterKey)) {
    throw new ArgumentError(
      'ERR_ARGUMENT_TYPE',
      'masterKeys',
      `${caller}: 'masterKeys' must be a list of { version, key } with 32 bytes each`,
    )
  }
  if (new Set(value.map(({ version }) => version)).size !== value.length) {
    throw new ArgumentError(
      'ERR_ARGUMENT_VALUE',
      'masterKeys',
      `${caller}: 'masterKeys' must not hold one version twice`,
    )
  }
}

function masterKey(version: number, key: Uint8Array): MasterKey {
  // Not enumerable, so that a logged configuration shows the version and nothing else.
  return Object.freeze(Object.defineProperty({ version }, 'key', { value: key })) as MasterKey
}

function isMasterKey(value: unknown): value is MasterKey {
  if (typeof value !== 'object' || value === null) return false
  const { version, key } = value as Partial<MasterKey>
  return isVersion(version) && key instanceof Uint8Array && key.length === MASTER_KEY_BYTES
}

function isVersion(version: unknown): version is number {
  return Number.isInteger(version) && (version as number) >= 1 && (version as number) < 1e9
}

const MASTER_KEY_BYTES = 32
