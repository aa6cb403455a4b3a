/** One HTTP exchange as the billing service saw it, secrets and tokens shortened. */
export interface Exchange {
  readonly to: 'authorization server' | 'orders API'
  readonly request: string
  readonly response: string
  readonly milliseconds: number
}

/** A `fetch` that tells what went over the wire, while `watching` says so. */
export function watchedFetch(
  tokenHost: string,
  watching: () => boolean,
  tell: (exchange: Exchange) => void,
): typeof fetch {
  return async (input, init) => {
    if (!watching()) return fetch(input, init)
    const url = new URL(input instanceof Request ? input.url : input)
    const method = init?.method ?? 'GET'
    const authorization = new Headers(init?.headers).get('authorization')
    const body = typeof init?.body === 'string' ? decodeURIComponent(init.body) : ''
    const started = performance.now()
    const response = await fetch(input, init)
    tell({
      to: url.host === tokenHost ? 'authorization server' : 'orders API',
      request: [`${method} ${url.pathname}`, shortened(authorization), body]
        .filter(Boolean)
        .join('  '),
      response: await described(response),
      milliseconds: performance.now() - started,
    })
    return response
  }
}

/** A credential cut to what lets a reader recognise it. */
export function shortened(credential: string | null): string {
  if (credential === null) return ''
  const [scheme = '', value = ''] = credential.split(' ')
  return value.length > 16 ? `${scheme} ${value.slice(0, 6)}…${value.slice(-4)}` : `${scheme} …`
}

async function described(response: Response): Promise<string> {
  const challenge = response.headers.get('www-authenticate')
  if (challenge !== null) return `${response.status}  ${challenge}`
  const text = await response.clone().text()
  if (!text.includes('access_token')) return `${response.status}  ${text.slice(0, 70)}`
  const token = JSON.parse(text) as { access_token: string; expires_in: number; scope: string }
  return `${response.status}  ${shortened(`Bearer ${token.access_token}`)}  expires in ${token.expires_in} s  scope ${token.scope}`
}
