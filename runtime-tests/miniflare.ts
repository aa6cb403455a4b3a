/** The part of miniflare that is used: the package itself is brought by `npm run runtimes`. */
export declare class Miniflare {
  constructor(options: {
    readonly modules: readonly {
      readonly type: 'ESModule'
      readonly path: string
      readonly contents: string
    }[]
    readonly compatibilityDate: string
  })
  dispatchFetch(
    url: string,
    init: { readonly method: string; readonly body: string },
  ): Promise<{ text(): Promise<string>; json(): Promise<unknown> }>
  dispose(): Promise<void>
}
