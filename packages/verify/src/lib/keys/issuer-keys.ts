import type { Issuer } from '@countersign/protocol'
import type { RemoteDocument } from '../remote/remote-document.ts'
import { issuerAddress } from './issuer-address.ts'
import type { KeySet } from './key-set.ts'
import { publishedKeys, type KeyLoadOptions } from './published-keys.ts'

export interface IssuerKeysOptions extends KeyLoadOptions {
  readonly issuer: Issuer
  /** Where the keys are; found through the issuer's metadata when left out. */
  readonly jwksUri: string | undefined
}

/**
 * The key set of one issuer, held and kept fresh, with the metadata that leads to it.
 *
 * Each issuer has a document of its own, so a key of one never checks a token of another.
 */
export function issuerKeys(options: IssuerKeysOptions): RemoteDocument<KeySet> {
  const { jwksUri } = options
  if (jwksUri !== undefined) return publishedKeys({ ...options, jwksUri })
  const address = issuerAddress({ ...options, read: (metadata) => metadata.jwksUri })
  return publishedKeys({
    ...options,
    jwksUri: async () => address.get(),
    retryAfter: address.retryAfter,
  })
}
