import { protectedResource, type Guard, type PublishedMetadata } from '@countersign/guard'
import * as forExpress from '@countersign/guard/express'
import * as forFastify from '@countersign/guard/fastify'
import * as forFetch from '@countersign/guard/fetch'
import * as forHono from '@countersign/guard/hono'
import * as forKoa from '@countersign/guard/koa'
import * as forNode from '@countersign/guard/node'
import { startListener, startLoopbackServer, type LoopbackServer } from '@countersign/testkit'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { describe, expect, it } from 'vitest'

const orders = protectedResource({
  resource: 'https://api.example.com/orders',
  authorizationServers: ['https://auth.example.com'],
  scopes: { 'orders:read': 'Read orders' },
})
const PATH = '/.well-known/oauth-protected-resource/orders'
const READ = { scope: { all: ['orders:read'] } } as const

type Serve = (
  resource: PublishedMetadata,
  guard: Guard<'orders:read'>,
) => LoopbackServer | Promise<LoopbackServer>

const ADAPTERS: Readonly<Record<string, Serve>> = {
  express(resource, guard) {
    const app = express()
    app.use(forExpress.serveMetadata(resource), forExpress.guarded(guard, READ))
    app.use((_, response) => void response.send('reached'))
    return startListener(app)
  },
  async fastify(resource, guard) {
    const app = fastify({ forceCloseConnections: true })
    app.addHook('onRequest', forFastify.serveMetadata(resource))
    app.addHook('onRequest', forFastify.guarded(guard, READ))
    app.all('/orders', () => 'reached')
    const origin = await app.listen({ host: '127.0.0.1', port: 0 })
    const close = (): Promise<void> => app.close()
    return { origin, requests: [], close, [Symbol.asyncDispose]: close }
  },
  fetch: (resource, guard) =>
    startLoopbackServer(
      forFetch.serveMetadata(
        resource,
        forFetch.guarded(guard, READ, () => new Response('reached')),
      ),
    ),
  hono(resource, guard) {
    const app = new Hono().use(forHono.serveMetadata(resource)).use(forHono.guarded(guard, READ))
    app.all('*', (c) => c.text('reached'))
    return startLoopbackServer(async (request) => app.fetch(request))
  },
  koa(resource, guard) {
    const app = new Koa()
    app.use(forKoa.serveMetadata(resource)).use(forKoa.guarded(guard, READ))
    const callback = app.callback()
    return startListener((request, response) => void callback(request, response))
  },
  node: (resource, guard) =>
    startListener(
      forNode.serveMetadata(
        resource,
        forNode.guarded(guard, READ, (_, response) => void response.end('reached')),
      ),
    ),
}

describe.each(Object.entries(ADAPTERS))('serveMetadata for %s', (_, serve) => {
  it('publishes the document before the guard [std:169] [std:170]', async () => {
    await using api = await serve(orders, orders.guard())
    const response = await fetch(`${api.origin}${PATH}`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/^application\/json(;|$)/)
    expect(response.headers.get('cache-control')).toBe('public, max-age=300')
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(await response.json()).toEqual(orders.metadata)
    expect((await fetch(`${api.origin}${PATH}?v=1`)).status).toBe(200)
  })

  it('answers HEAD and a preflight, and no other method', async () => {
    await using api = await serve(orders, orders.guard())
    const head = await fetch(`${api.origin}${PATH}`, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
    const preflight = await fetch(`${api.origin}${PATH}`, { method: 'OPTIONS' })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-headers')).toBe('*')
    const post = await fetch(`${api.origin}${PATH}`, { method: 'POST', body: '' })
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
  })

  it('leaves every other address to the guard, whose challenge points to it [std:171]', async () => {
    await using api = await serve(orders, orders.guard())
    for (const path of [
      '/orders',
      `${PATH}/`,
      `/x${PATH}`,
      '/.well-known/oauth-protected-resource',
    ]) {
      const response = await fetch(`${api.origin}${path}`)
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toBe(
        `Bearer realm="https://api.example.com/orders", scope="orders:read", resource_metadata="${orders.metadataUrl}"`,
      )
    }
  })
})

describe('serveMetadata', () => {
  it('refuses at once what protectedResource did not make', () => {
    const wrong = { ...orders, metadataUrl: undefined } as unknown as PublishedMetadata
    for (const { serveMetadata } of [forExpress, forFastify, forHono, forKoa]) {
      expect(() => serveMetadata(wrong)).toThrow(TypeError)
    }
    expect(() => forFetch.serveMetadata(wrong, () => new Response())).toThrow(TypeError)
    expect(() => forNode.serveMetadata(wrong, () => {})).toThrow(TypeError)
  })
})
