/** The part of miniflare that is used: the package itself is brought by `npm run runtimes`. */
export interface MiniflareModule {
  readonly Miniflare: new (options: {
    readonly modules: readonly {
      readonly type: 'ESModule'
      readonly path: string
      readonly contents: string
    }[]
    readonly compatibilityDate: string
    readonly compatibilityFlags: readonly string[]
  }) => Miniflare
}

/** A Worker that runs in workerd. */
interface Miniflare {
  dispatchFetch(
    url: string,
    init: { readonly method: string; readonly body: string },
  ): Promise<{ text(): Promise<string>; json(): Promise<unknown> }>
  dispose(): Promise<void>
}
