import { guardVectors } from './guard-vectors.ts'
import { signatureVectors } from './signature-vectors.ts'

const VECTORS = guardVectors()
const SIGNATURES = signatureVectors()

/** Answers what guards of the suite ask for; `undefined` for other paths. */
export function guardServer(): (request: Request) => Promise<Response> | Response | undefined {
  const loads = new Map<string, number>()
  const reports = new Map<string, unknown[]>()

  /** Slow enough for requests to overlap. */
  async function answerKeys(name: string): Promise<Response> {
    const load = (loads.get(name) ?? 0) + 1
    loads.set(name, load)
    await new Promise((resolve) => setTimeout(resolve, 50))
    const { keys } = VECTORS.jwks
    return Response.json({ keys: name !== 'all' && load === 1 ? keys.slice(0, 1) : keys })
  }

  /** Slow enough for the request that began it to be over. */
  async function answerReport(name: string, request: Request): Promise<Response> {
    const told = reports.get(name) ?? []
    reports.set(name, told)
    if (request.method === 'GET') return Response.json(told)
    const form = new URLSearchParams(await request.text())
    await new Promise((resolve) => setTimeout(resolve, 50))
    const { uses } = JSON.parse(form.get('usage') ?? '') as { readonly uses: unknown[][] }
    told.push(...uses.map((use) => use.slice(0, 3)))
    return new Response()
  }

  return (request) => {
    const [, first, what, name = '', more] = new URL(request.url).pathname.split('/')
    if (first !== 'guard') return undefined
    if (what === 'vectors') return Response.json(VECTORS)
    if (what === 'signatures') return Response.json(SIGNATURES)
    if (what === 'down') return new Response('down', { status: 500 })
    if (what === 'introspect') return answerQuestion(request)
    if (what === 'usage') return answerReport(name, request)
    if (what !== 'keys') return new Response(null, { status: 404 })
    return more === 'loads' ? new Response(String(loads.get(name) ?? 0)) : answerKeys(name)
  }
}

async function answerQuestion(request: Request): Promise<Response> {
  const token = new URLSearchParams(await request.text()).get('token')
  await new Promise((resolve) => setTimeout(resolve, 50))
  const { authorization } = Object.fromEntries(request.headers)
  if (authorization !== `Basic ${btoa('orders-api:secret')}`)
    return new Response(null, { status: 401 })
  if (token === 'opaque-broken') return new Response('<html>', { status: 502 })
  if (token !== 'opaque-active') return Response.json({ active: false })
  return Response.json({
    active: true,
    client_id: 'billing',
    scope: 'orders:read',
    aud: VECTORS.audience,
    exp: VECTORS.now / 1000 + 60,
  })
}
