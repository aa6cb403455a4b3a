import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { publicFetch, type PublicFetchOptions } from '@countersign/verify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeTestPki, SERVER_NAME, type Identity, type TestPki } from './servers/test-pki.ts'

const pki = await makeTestPki()

describe.runIf(pki !== undefined)('publicFetch over TLS', () => {
  const { ca, server, namedServer } = (pki ?? {}) as TestPki
  const resolve = async () => ['127.0.0.1']
  const trusting: PublicFetchOptions = { ca, allowedAddresses: ['127.0.0.0/8'], resolve }

  /** The port of a server, and the names that it was asked by. */
  async function start(identity: Identity) {
    const hosts: string[] = []
    const made = createServer({ ...identity }, (incoming, outgoing) => {
      hosts.push(incoming.headers.host ?? '')
      outgoing.setHeader('content-type', 'application/json').end('{"keys":[]}')
    }).listen(0, '127.0.0.1')
    await once(made, 'listening')
    onTestFinished(() => {
      made.close()
    })
    return { port: (made.address() as AddressInfo).port, hosts }
  }

  async function outcome(url: string, options: PublicFetchOptions): Promise<unknown> {
    try {
      return await (await publicFetch(options)(url)).json()
    } catch (error) {
      return (error as { readonly fault?: string }).fault
    }
  }

  it('asks the address it has looked at for the name, and wants a certificate of that name', async () => {
    const { port, hosts } = await start(namedServer)
    expect(await outcome(`https://${SERVER_NAME}:${port}/`, trusting)).toEqual({ keys: [] })
    expect(await outcome(`https://other.example:${port}/`, trusting)).toBe('network')
    expect(await outcome(`https://127.0.0.1:${port}/`, trusting)).toBe('network')
    expect(hosts).toEqual([`${SERVER_NAME}:${port}`])
  })

  it('takes a certificate of an address for that address alone', async () => {
    const { port, hosts } = await start(server)
    expect(await outcome(`https://127.0.0.1:${port}/`, trusting)).toEqual({ keys: [] })
    expect(await outcome(`https://${SERVER_NAME}:${port}/`, trusting)).toBe('network')
    expect(hosts).toEqual([`127.0.0.1:${port}`])
  })

  it('trusts no authority but those it is told or the runtime has', async () => {
    const { port, hosts } = await start(namedServer)
    const { ca: _ca, ...unknowing } = trusting
    expect(await outcome(`https://${SERVER_NAME}:${port}/`, unknowing)).toBe('network')
    expect(hosts).toEqual([])
  })

  it('asks nobody where the address is not allowed, certificate or not [std:181]', async () => {
    const { port, hosts } = await start(namedServer)
    expect(await outcome(`https://${SERVER_NAME}:${port}/`, { ca, resolve })).toBe(
      'forbidden_address',
    )
    expect(hosts).toEqual([])
  })
})
