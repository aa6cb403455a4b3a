import { createGuard } from '@countersign/guard'
import {
  createAdministration,
  createAuthorizationServer,
  generateMasterKey,
} from '@countersign/server'
import { nodeListener } from '@countersign/server/node'
import { memoryStore } from '@countersign/stores/memory'
import type { Call } from '../command.ts'
import { EXIT_CODES } from '../errors/exit-codes.ts'
import { eventJson, eventLine } from '../serve/event-line.ts'
import { TOKEN_LIFETIMES } from '../registry/resource-options.ts'
import { openHttpService, type HttpService } from '../serve/http-service.ts'
import { portOption } from '../serve/port-option.ts'
import { untilStopped } from '../serve/until-stopped.ts'
import { isoTime } from '../text/time-in-words.ts'
import { parseWholeNumber } from '../text/whole-number.ts'
import { DEV_API_PORT, DEV_LIFETIME, DEV_PORT } from './dev-defaults.ts'
import { devIntroduction, type DevSetup } from './dev-introduction.ts'
import { ORDERS_SCOPES, ordersApi, type AnsweredCall, type OrdersScope } from './orders-api.ts'

const HOST = '127.0.0.1'
const CLIENT_ID = 'dev-client'
/** How long requests may take to finish after a stop was asked for, in milliseconds. */
const GRACE = 1000

/** `countersign dev`: a server, a client and a guarded API in memory, until it is stopped. */
export async function runDev(call: Call): Promise<number> {
  const { arguments: given, io, now, json } = call
  const port = portOption(given, 'port', DEV_PORT)
  const apiPort = portOption(given, 'api-port', DEV_API_PORT)
  const lifetime = parseWholeNumber('lifetime', given.text('lifetime') ?? DEV_LIFETIME, {
    ...TOKEN_LIFETIMES,
    sample: DEV_LIFETIME,
  })
  const services: HttpService[] = []
  try {
    const service = await openHttpService({ host: HOST, port, option: '--port' })
    services.push(service)
    const api = await openHttpService({ host: HOST, port: apiPort, option: '--api-port' })
    services.push(api)
    const issuer = `http://${HOST}:${service.port}`
    const resource = `http://${HOST}:${api.port}/orders`

    const store = memoryStore()
    const masterKeys = [generateMasterKey()]
    const clientSecret = await devClient({ store, masterKeys, now }, { resource, lifetime })
    await using server = createAuthorizationServer({
      issuer,
      store,
      masterKeys,
      now,
      onEvent(event) {
        // It is made at each start and says nothing about what somebody is trying.
        if (event.type === 'signing_key.created') return
        io.stderr(json ? eventJson(event) : eventLine(event))
      },
    })
    await server.ready()
    service.serve(nodeListener(server))
    const guard = createGuard<OrdersScope>({ issuer, audience: resource, now })
    const orders = ordersApi(guard, (answered) => io.stderr(callLine(answered, call)))
    api.serve(nodeListener({ fetch: orders }))

    const setup: DevSetup = { issuer, resource, clientId: CLIENT_ID, clientSecret }
    io.stdout(json ? readyJson(setup) : devIntroduction(setup, io))
    await untilStopped(io.signal)
    await Promise.all(services.map((one) => one.stop(GRACE)))
    return EXIT_CODES.ok.code
  } finally {
    await Promise.all(services.map((one) => one.stop(0)))
  }
}

async function devClient(
  options: Parameters<typeof createAdministration>[0],
  { resource, lifetime }: { readonly resource: string; readonly lifetime: number },
): Promise<string> {
  const administration = createAdministration(options)
  await administration.createResource({
    resource,
    scopes: ORDERS_SCOPES,
    tokenLifetimeSeconds: lifetime,
  })
  const { secret } = await administration.createClient({ clientId: CLIENT_ID })
  await administration.grant({ clientId: CLIENT_ID, resource, scopes: ORDERS_SCOPES })
  return secret.reveal()
}

function callLine(answered: AnsweredCall, { json, now }: Call): string {
  const at = isoTime(now())
  const { method, route, status, clientId } = answered
  if (json) {
    const members = { method, route, status, client_id: clientId ?? null }
    return `${JSON.stringify({ event: 'api.called', at, ...members })}\n`
  }
  return `${at} answered ${method} ${route} with ${status}${clientId === undefined ? '' : ` for ${clientId}`}\n`
}

function readyJson({ issuer, resource, clientId, clientSecret }: DevSetup): string {
  return `${JSON.stringify({
    event: 'ready',
    issuer,
    token_endpoint: `${issuer}/token`,
    api: resource,
    resource,
    scopes: ORDERS_SCOPES,
    client_id: clientId,
    client_secret: clientSecret,
  })}\n`
}
