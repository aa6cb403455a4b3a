/** What a test sends to a token endpoint. */
export interface TokenPost {
  /** Sent by Basic, as they are: both must be free of characters that need encoding. */
  readonly basic?: { readonly clientId: string; readonly clientSecret: string }
  /** The form's parameters. Default: only `grant_type`. */
  readonly form?: Readonly<Record<string, string>> | readonly (readonly [string, string])[]
  /** The body as it is, in place of `form`. */
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Follows the path, such as `?client_id=x`. */
  readonly query?: string
}

/** What came back. */
export interface TokenAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: Record<string, unknown>
}

/** Posts a token request over the socket, `grant_type=client_credentials` where nothing is said. */
export async function postToken(tokenEndpoint: string, post: TokenPost = {}): Promise<TokenAnswer> {
  const { basic, form = {}, query = '' } = post
  const parameters = Array.isArray(form) ? form : Object.entries(form)
  const hasGrantType = parameters.some(([name]) => name === 'grant_type')
  const all = hasGrantType ? parameters : [['grant_type', 'client_credentials'], ...parameters]
  const headers = new Headers({ 'content-type': 'application/x-www-form-urlencoded' })
  if (basic !== undefined) {
    headers.set('authorization', `Basic ${btoa(`${basic.clientId}:${basic.clientSecret}`)}`)
  }
  for (const [name, value] of Object.entries(post.headers ?? {})) headers.set(name, value)
  const response = await fetch(tokenEndpoint + query, {
    method: 'POST',
    headers,
    body: post.body ?? new URLSearchParams(all as [string, string][]).toString(),
  })
  const text = await response.text()
  const json = JSON.parse(text) as Record<string, unknown>
  return { status: response.status, headers: response.headers, text, json }
}
