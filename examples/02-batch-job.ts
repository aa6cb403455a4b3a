// A job that runs longer than its tokens live, then ends by itself.
//
//   npx node -C @countersign/source examples/02-batch-job.ts
//
// Tokens live two seconds here, the job about five. It asks for a token nowhere: renewal happens
// ahead of need, while calls go on with the token that is held. At the end nobody closes the client.
import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from '@countersign/client'
import { createGuard } from '@countersign/guard'
import { guarded } from '@countersign/guard/node'
import { listen } from './support/listen.ts'
import { prove } from './support/prove.ts'
import { startIssuer } from './support/start-issuer.ts'

const RECORDS = 200
const WORKERS = 4
const resource = 'https://ledger.example'

await using issuer = await startIssuer({
  resource,
  scopes: ['entries:write'],
  clientId: 'nightly-import',
  granted: ['entries:write'],
  tokenLifetimeSeconds: 2,
})
const guard = createGuard({ issuer: issuer.issuer, audience: resource })
const writeEntry = guarded(guard, { scope: { all: ['entries:write'] } }, (_request, response) => {
  response.writeHead(201).end()
})
await using ledger = await listen(writeEntry)

const auth = createClient({
  issuer: issuer.issuer,
  clientId: 'nightly-import',
  clientSecret: issuer.clientSecret,
  scope: ['entries:write'],
  onEvent: (event) => {
    if (event.type === 'token.obtained') {
      console.log(`       a token was obtained in ${Math.round(event.duration)} ms`)
    }
  },
})

const statuses: number[] = []
const started = performance.now()
const records = Array.from({ length: RECORDS }, (_, number) => number).values()
await Promise.all(
  Array.from({ length: WORKERS }, async () => {
    for (const record of records) {
      const response = await auth.fetch(`${ledger.origin}/entries/${record}`, { method: 'PUT' })
      await response.arrayBuffer()
      statuses.push(response.status)
      // What a record costs beside the call: reading it, working it out.
      await delay(100)
    }
  }),
)
const seconds = (performance.now() - started) / 1000

const written = statuses.filter((status) => status === 201).length
prove(`${written} of ${RECORDS} records were written`, written === RECORDS)
prove(`it took ${seconds.toFixed(1)} s, longer than the 2 s that a token lives`, seconds > 2)
prove(`it used ${issuer.tokensIssued} tokens, one after the other`, issuer.tokensIssued >= 3)

// The client is left as it is: nothing of it keeps the process from ending.
console.log('       the job is done')
