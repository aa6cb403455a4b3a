/** What a guard reads of a request. A web `Request` fits as it is. */
export interface GuardRequest {
  readonly method: string
  readonly url: string
  readonly headers: {
    /** The value of a header by its lower-case name; several lines joined by `, `. */
    get(name: string): string | null
  }
  /**
   * The connection, for client certificates: a socket of Node, or the address of the other end for
   * those that come from a proxy. The adapters for Node pass it.
   */
  readonly socket?: { readonly remoteAddress?: string | undefined } | undefined
}
