import { parseIssuer, parseResource } from '@countersign/protocol'
import { createAuthorizationServer, generateMasterKey } from '@countersign/server'
import { nodeListener } from '@countersign/server/node'
import { memoryStore } from '@countersign/stores/memory'
import type { Call } from '../command.ts'
import { usageFailure } from '../errors/command-failure.ts'
import { EXIT_CODES } from '../errors/exit-codes.ts'
import { openRegistry } from '../registry/open-registry.ts'
import { eventJson, eventLine } from './event-line.ts'
import { firstClient, type FirstClient } from './first-client.ts'
import { openHttpService, type HttpService } from './http-service.ts'
import { inLittleMemory } from './in-little-memory.ts'
import { portOption } from './port-option.ts'
import { serverSettings } from './server-settings.ts'
import { DEFAULT_HOST, DEFAULT_PORT, DEFAULT_RESOURCE } from './serve-defaults.ts'
import { untilStopped } from './until-stopped.ts'

/** How long requests may take to finish after a stop was asked for, in milliseconds. */
const GRACE = 5000

/** `countersign serve`: an authorization server over its registry, until it is stopped. */
export async function runServer(call: Call): Promise<number> {
  const { arguments: given, io, now, json } = call
  const host = given.text('host') ?? DEFAULT_HOST
  const port = portOption(given, 'port', DEFAULT_PORT)
  // Before any file is made: what is wrong on the command line should leave nothing behind.
  const issuer = checkedIssuer(given.text('issuer') ?? `http://${host}:${port}`)
  const settings = serverSettings(call)
  createAuthorizationServer({
    issuer,
    store: memoryStore(),
    masterKeys: [generateMasterKey()],
    ...settings,
  })
  const resource = checkedResource(given.text('resource') ?? DEFAULT_RESOURCE)
  const service = await openHttpService({ host, port, option: '--port' })
  let metrics: HttpService | undefined
  try {
    metrics = await metricsService(call, host)
    const registry = await openRegistry(call, { create: true })
    try {
      const first = await firstClient(registry, resource)
      await using server = createAuthorizationServer({
        issuer: checkedIssuer(given.text('issuer') ?? `http://${host}:${service.port}`),
        store: registry.store,
        masterKeys: registry.masterKeys,
        now,
        ...settings,
        onEvent: (event) => io.stderr(json ? eventJson(event) : eventLine(event)),
      })
      // A secret that exists is shown even where what follows fails: nobody could ask for it again.
      if (first !== undefined)
        io.stdout(
          json
            ? firstJson(first)
            : firstText(first, { issuer: server.issuer, shellLine: io.shellLine }),
        )
      await inLittleMemory(async () => {
        await server.ready()
        service.serve(nodeListener(server))
        metrics?.serve(nodeListener({ fetch: server.metrics }))
        const listening = `http://${host}:${service.port}`
        io.stdout(
          json
            ? readyJson(server.issuer, listening)
            : `ready: issuer ${server.issuer}${listening === server.issuer ? '' : `, listening on ${listening}`}\n`,
        )
        await untilStopped(io.signal)
      })
      server.drain()
      await service.stop(GRACE)
    } finally {
      await registry.store.close()
    }
  } finally {
    await service.stop(0)
    await metrics?.stop(0)
  }
  return EXIT_CODES.ok.code
}

function metricsService(
  { arguments: given }: Call,
  host: string,
): Promise<HttpService> | undefined {
  if (given.text('metrics-port') === undefined) return undefined
  const port = portOption(given, 'metrics-port', '9464')
  return openHttpService({ host, port, option: '--metrics-port' })
}

function checkedIssuer(text: string): string {
  const issuer = parseIssuer(text)
  if (issuer.ok) return issuer.value
  throw usageFailure(
    `the issuer ${issuer.reason}`,
    'Give the https address that clients use: --issuer https://auth.example.com',
  )
}

function checkedResource(text: string): string {
  const resource = parseResource(text)
  if (resource.ok) return resource.value
  throw usageFailure(
    `the resource ${resource.reason}`,
    'Give the address of the API: --resource https://api.example.com',
  )
}

function readyJson(issuer: string, listening: string): string {
  const base = issuer.replace(/\/$/, '')
  const members = { issuer, listening, token_endpoint: `${base}/token`, jwks_uri: `${base}/jwks` }
  return `${JSON.stringify({ event: 'ready', ...members })}\n`
}

function firstJson({ clientId, clientSecret, resource, scopes }: FirstClient): string {
  const members = { client_id: clientId, client_secret: clientSecret, resource, scopes }
  return `${JSON.stringify({ event: 'first_run', ...members })}\n`
}

function firstText(
  first: FirstClient,
  { issuer, shellLine }: { readonly issuer: string; readonly shellLine: string | undefined },
): string {
  const command = shellLine === undefined ? '' : `  ${shellLine}\n`
  const { clientId, clientSecret, resource, scopes } = first
  return `First run: made the client ${clientId}, which may at ${resource}: ${scopes.join(' ')}
Its secret is shown this once. Keep it; another one comes from: countersign client rotate ${clientId}

${command}  export COUNTERSIGN_ISSUER=${issuer}
  export COUNTERSIGN_CLIENT_ID=${clientId}
  export COUNTERSIGN_CLIENT_SECRET=${clientSecret}

Paste this into another terminal, and get a token there; then make a client of your own:

  countersign token | countersign inspect -
  countersign client create billing
  countersign resource create https://api.example.com/orders --scope orders:read
  countersign grant billing https://api.example.com/orders orders:read

`
}
