import express from 'express'
import { startListener, startLoopbackServer } from '@countersign/testkit'
import { guardContract } from '@countersign/testkit/contracts'
import { guarded as expressGuarded } from '@countersign/guard/express'
import { guarded as fetchGuarded } from '@countersign/guard/fetch'
import { guarded as nodeGuarded } from '@countersign/guard/node'

guardContract('@countersign/guard/fetch', (guard, rule, reply) =>
  startLoopbackServer(fetchGuarded(guard, rule, (_, caller) => new Response(reply(caller)))),
)

guardContract('@countersign/guard/node', (guard, rule, reply) =>
  startListener(
    nodeGuarded(guard, rule, (_, response, caller) => {
      response.end(reply(caller))
    }),
  ),
)

guardContract('@countersign/guard/express', (guard, rule, reply) => {
  const app = express()
  app.use(expressGuarded(guard, rule), (_, response) => {
    const { principal, token } = response.locals
    response.send(reply({ allowed: true, principal, token }))
  })
  return startListener(app)
})
