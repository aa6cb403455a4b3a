import type { LoadFault } from './load-failure.ts'

/** Which document of the issuer an event is about. */
export type IssuerDocument = 'metadata' | 'keys'

/** How the loading of an issuer's document goes. Holds no key identifier and no address. */
export type DocumentEvent =
  | { readonly type: 'loaded'; readonly document: IssuerDocument }
  | {
      readonly type: 'load_failed'
      readonly document: IssuerDocument
      readonly fault: LoadFault
      /** In a row, this one included. */
      readonly failures: number
      /** No attempt is made before this instant; epoch milliseconds. */
      readonly retryAt: number
    }
  /** A load failed after the held document had stopped being fresh; it serves until `staleUntil`. */
  | {
      readonly type: 'stale'
      readonly document: IssuerDocument
      /** Epoch milliseconds. */
      readonly staleUntil: number
    }
  /** A set has keys that are not pinned, and not taken for that. Told with each such set. */
  | { readonly type: 'unpinned_keys'; readonly document: 'keys'; readonly count: number }
