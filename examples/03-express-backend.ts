// An Express app calls a backend API in its own name; the backend is an Express app too.
//
//   npx node -C @countersign/source examples/03-express-backend.ts
//
// The shop answers people. Behind it, the stock API answers machines that have a token for it. What
// goes wrong between the two is the shop's to log; its visitors see a plain 502.
import { createClient, isTokenError } from '@countersign/client'
import { createGuard } from '@countersign/guard'
import { guarded } from '@countersign/guard/express'
import express from 'express'
import { listen } from './support/listen.ts'
import { prove } from './support/prove.ts'
import { startIssuer } from './support/start-issuer.ts'

const resource = 'https://stock.example'
await using issuer = await startIssuer({
  resource,
  scopes: ['stock:read', 'stock:write'],
  clientId: 'shop',
  granted: ['stock:read'],
})

// The backend API: a guard before each route that needs one.
const guard = createGuard<'stock:read' | 'stock:write'>({
  issuer: issuer.issuer,
  audience: resource,
})
const stock = express()
stock.get('/items', guarded(guard, { scope: { all: ['stock:read'] } }), (_request, response) => {
  const { principal } = response.locals
  response.json({ items: ['lamp', 'chair'], askedBy: principal.clientId })
})
stock.delete(
  '/items',
  guarded(guard, { scope: { all: ['stock:write'] } }),
  (_request, response) => {
    response.sendStatus(204)
  },
)
await using stockServer = await listen(stock)

// The shop: one client for the whole app.
const auth = createClient({
  issuer: issuer.issuer,
  clientId: 'shop',
  clientSecret: issuer.clientSecret,
  scope: ['stock:read'],
  resource,
  origins: [stockServer.origin],
})
const shop = express()
shop.all('/catalogue', async (request, response) => {
  try {
    const answer = await auth.fetch(`${stockServer.origin}/items`, { method: request.method })
    if (answer.ok) return void response.json(await answer.json())
    console.log(`       shop log: stock API ${answer.status}, ${challengeOf(answer)}`)
  } catch (error) {
    console.log(`       shop log: ${isTokenError(error) ? error.code : 'the call failed'}`)
  }
  response.status(502).json({ message: 'the catalogue is not available' })
})
await using shopServer = await listen(shop)

const catalogue = await fetch(`${shopServer.origin}/catalogue`)
const { items, askedBy } = (await catalogue.json()) as { items: string[]; askedBy: string }
prove(`a visitor got the catalogue: ${items.join(', ')}`, catalogue.status === 200)
prove(`the stock API was asked by ${askedBy}`, askedBy === 'shop')

const removal = await fetch(`${shopServer.origin}/catalogue`, { method: 'DELETE' })
prove(`what the shop may not do reaches its visitor as ${removal.status}`, removal.status === 502)

const stranger = await fetch(`${stockServer.origin}/items`)
prove(`a call to the stock API without a token gets ${stranger.status}`, stranger.status === 401)
console.log(`       ${challengeOf(stranger)}`)
prove(`tokens issued for all of that: ${issuer.tokensIssued}`, issuer.tokensIssued === 1)

function challengeOf(answer: Response): string {
  return answer.headers.get('www-authenticate') ?? 'no challenge'
}
