/** An HTTP answer, for an adapter to send. */
export interface Answer<Status extends number = number> {
  readonly status: Status
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

/** An answer as a web `Response`. */
export function toResponse({ status, headers, body }: Answer): Response {
  // `Response` takes no body, not even an empty one, with status 204.
  return new Response(status === 204 ? null : body, {
    status,
    headers: headers.map(([name, value]) => [name, value]),
  })
}
