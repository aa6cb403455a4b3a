/** The little of node:http and node:https that is used here. */
export interface NodeHttp {
  request(
    options: NodeRequestOptions,
    onResponse: (response: NodeResponse) => void,
  ): {
    on(event: 'error', listener: (error: unknown) => void): unknown
    end(): unknown
    destroy(): unknown
  }
}

export interface NodeRequestOptions {
  /** The address that is connected to; no name is looked up. */
  readonly host: string
  readonly port: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** No connection of others is used, none is kept, and no proxy of the environment comes between. */
  readonly agent: false
  /** The name that the server's certificate must be for; of an address it is the address. */
  readonly servername?: string
  readonly ca?: string | string[]
}

/** An `IncomingMessage`. */
export interface NodeResponse extends AsyncIterable<Uint8Array> {
  readonly statusCode?: number
  readonly rawHeaders: readonly string[]
  destroy(): unknown
}

/** The little of node:dns/promises that is used here. */
export interface NodeDns {
  lookup(
    hostname: string,
    options: { readonly all: true },
  ): Promise<readonly { readonly address: string }[]>
}

/** The modules that a request is made of. */
export interface NodeNetwork {
  readonly http: NodeHttp
  readonly https: NodeHttp
  readonly dns: NodeDns
}

/** The runtime's modules for the network, found without importing them; `undefined` where they are not. */
export function nodeNetwork(): NodeNetwork | undefined {
  const { process } = globalThis as unknown as {
    readonly process?: { getBuiltinModule?(name: string): unknown }
  }
  const [http, https, dns] = ['node:http', 'node:https', 'node:dns/promises'].map((name) =>
    process?.getBuiltinModule?.(name),
  ) as [NodeHttp | undefined, NodeHttp | undefined, NodeDns | undefined]
  return http && https && dns && { http, https, dns }
}
