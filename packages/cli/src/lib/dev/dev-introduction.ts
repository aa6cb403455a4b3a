/** What `countersign dev` has set up. */
export interface DevSetup {
  readonly issuer: string
  /** The API's address, which is its resource indicator as well. */
  readonly resource: string
  readonly clientId: string
  readonly clientSecret: string
}

/** Where what is printed will be pasted. */
export interface PastePlace {
  /** Makes `countersign` a command there, where it is none. */
  readonly shellLine?: string | undefined
}

/** What `countersign dev` prints when everything is ready. The secret is in it, once. */
export function devIntroduction(
  { issuer, resource, clientId, clientSecret }: DevSetup,
  { shellLine }: PastePlace = {},
): string {
  const command = shellLine === undefined ? '' : `  ${shellLine}\n`
  return `A server at ${issuer} and a guarded API at ${resource} are ready. Ctrl-C stops them.

Paste into another terminal:

${command}  export COUNTERSIGN_ISSUER=${issuer}
  export COUNTERSIGN_CLIENT_ID=${clientId}
  export COUNTERSIGN_CLIENT_SECRET=${clientSecret}

Get a token, then call the API with one:

  curl -u "$COUNTERSIGN_CLIENT_ID:$COUNTERSIGN_CLIENT_SECRET" -d grant_type=client_credentials ${issuer}/token
  curl -H "Authorization: Bearer $(countersign token)" ${resource}

Both in one, and a call that lacks its scope:

  countersign fetch ${resource}
  countersign fetch ${resource} -d '{"item":"lamp"}' --scope orders:read

The same in TypeScript, as call.mts in a folder that has @countersign/client; run it: node call.mts

  import { createClient, fromEnv } from '@countersign/client'

  const auth = createClient({
    issuer: '${issuer}',
    clientId: '${clientId}',
    clientSecret: fromEnv('COUNTERSIGN_CLIENT_SECRET'),
    scope: ['orders:read'],
  })
  const response = await auth.fetch('${resource}')
  console.log(await response.json())

What happens, a line each:
`
}
