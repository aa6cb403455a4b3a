/** How one form is sent. */
export interface FormPost {
  /** The header is the plain base64 of these, with no form-encoding. */
  readonly basic?: { readonly clientId: string; readonly clientSecret: string }
  readonly form?: Readonly<Record<string, string>> | readonly (readonly [string, string])[]
  /** In place of `form`. */
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Follows the path, such as `?client_id=x`. */
  readonly query?: string
}

/** What came back. `json` is empty where the body is no JSON object. */
export interface FormAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: Record<string, unknown>
}

/** Posts a form over the socket. */
export async function postForm(url: string, post: FormPost = {}): Promise<FormAnswer> {
  const { basic, form = {}, query = '' } = post
  const parameters = Array.isArray(form) ? form : Object.entries(form)
  const headers = new Headers({ 'content-type': 'application/x-www-form-urlencoded' })
  if (basic !== undefined) {
    headers.set('authorization', `Basic ${btoa(`${basic.clientId}:${basic.clientSecret}`)}`)
  }
  for (const [name, value] of Object.entries(post.headers ?? {})) headers.set(name, value)
  const response = await fetch(url + query, {
    method: 'POST',
    headers,
    body: post.body ?? new URLSearchParams(parameters as [string, string][]).toString(),
  })
  const text = await response.text()
  const json = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {}
  return { status: response.status, headers: response.headers, text, json }
}
