import { AsyncLocalStorage } from 'node:async_hooks'
import { Agent, request } from 'node:http'
import { startListener } from '@countersign/testkit'
import express from 'express'
import { describe, expect, it, onTestFinished } from 'vitest'
import { guarded } from '@countersign/guard/express'
import { guarded as guardedOnNode } from '@countersign/guard/node'
import { startScriptedIssuer } from './scripted-issuer.ts'

const RULE = { scope: { all: ['orders:read'] } } as const

describe('requests that arrive together', () => {
  it('are judged and handled together, each in its own async context', async () => {
    await using issuer = await startScriptedIssuer()
    const { guard, mint } = issuer
    await guard.ready()
    const context = new AsyncLocalStorage<string>()
    const steps: string[] = []
    const mixed: unknown[] = []
    const app = express()
    app.use((call, _response, next) => {
      steps.push('came')
      context.run(String(call.headers['x-call']), next)
    })
    app.use(guarded(guard, RULE))
    app.use((call, response) => {
      steps.push('handled')
      const own = call.headers['x-call']
      if (context.getStore() !== own || response.locals['principal'].clientId !== own) {
        mixed.push([context.getStore(), own])
      }
      response.send(own)
    })
    await using api = await startListener(app)
    const agent = agentFor(50)
    const made = new Map<string, string>()
    const tokenOf = (call: string): string => {
      const token = made.get(call) ?? mint.token({ claims: { client_id: call, sub: call } })
      made.set(call, token)
      return token
    }
    for (let burst = 0; burst < 6; burst++) {
      // Half of them are remembered from the burst before.
      const calls = Array.from({ length: 50 }, (_, at) => `client-${at}-${at % 2 && burst}`)
      const answers = await Promise.all(
        calls.map((call) => get(api.origin, agent, tokenOf(call), call)),
      )
      expect(answers).toEqual(calls.map((call) => [200, call]))
    }
    expect(mixed).toEqual([])
    // In place, each is handled before the next one comes.
    expect(steps.join(' ')).toContain('came came came came came came')
    expect(steps.filter((step) => step === 'handled')).toHaveLength(300)
  })

  it('are refused each for its own reason', async () => {
    await using issuer = await startScriptedIssuer()
    const { guard, mint } = issuer
    await guard.ready()
    await using api = await startListener(
      guardedOnNode(guard, RULE, (_, response, caller) => void response.end(caller.token.id)),
    )
    const agent = agentFor(40)
    const kinds: readonly ((
      at: number,
    ) => readonly [token: string, status: number, id?: string])[] = [
      (at) => [mint.token({ claims: { jti: `id-${at}` } }), 200, `id-${at}`],
      () => [mint.token({ claims: { scope: 'orders:write' } }), 403],
      () => [`${mint.token().slice(0, -4)}AAAA`, 401],
      () => [mint.token({ claims: { exp: 1 } }), 401],
    ]
    for (let burst = 0; burst < 4; burst++) {
      const owed = Array.from({ length: 10 }, (_, at) => kinds.map((kind) => kind(at))).flat()
      const answers = await Promise.all(owed.map(([token]) => get(api.origin, agent, token, '')))
      expect(answers.map(([status]) => status)).toEqual(owed.map(([, status]) => status))
      expect(answers.filter(([status]) => status === 200).map(([, body]) => body)).toEqual(
        owed.filter(([, status]) => status === 200).map(([, , id]) => id),
      )
    }
  })
})

/** Connections that are kept, so that a burst arrives in one turn of the event loop. */
function agentFor(connections: number): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  onTestFinished(() => agent.destroy())
  return agent
}

function get(
  origin: string,
  agent: Agent,
  token: string,
  call: string,
): Promise<readonly [status: number | undefined, body: string]> {
  const headers = { authorization: `Bearer ${token}`, 'x-call': call }
  return new Promise((resolve, reject) => {
    request(origin, { agent, headers }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      response.on('end', () => resolve([response.statusCode, body]))
    })
      .on('error', reject)
      .end()
  })
}
