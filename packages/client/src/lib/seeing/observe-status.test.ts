import { describe, expect, it } from 'vitest'
import { recordingMeter } from '../../../test/recording-telemetry.ts'
import { AccessToken } from '../access-token.ts'
import { createClient } from '../create-client.ts'
import { observeStatus, type ObservableStatus } from './observe-status.ts'

const status: ObservableStatus = {
  state: 'failing',
  expiresIn: 90_000,
  tokenRequests: 3,
  tokensServed: 1000,
}

describe('observeStatus', () => {
  it('reads counts, life and state when metrics are collected, until it is ended', () => {
    const { meter, collect } = recordingMeter()
    let read = 0
    const stop = observeStatus(
      meter,
      () => {
        read++
        return status
      },
      { attributes: { client: 'billing' } },
    )
    expect(read).toBe(0)
    const about = { client: 'billing' }
    expect(collect()).toEqual([
      ['countersign.client.tokens.served', 1000, about],
      ['countersign.client.requests.saved', 997, about],
      ['countersign.client.token.expires_in', 90, about],
      ['countersign.client.state', 0, { ...about, 'countersign.state': 'empty' }],
      ['countersign.client.state', 0, { ...about, 'countersign.state': 'good' }],
      ['countersign.client.state', 1, { ...about, 'countersign.state': 'failing' }],
      ['countersign.client.state', 0, { ...about, 'countersign.state': 'failed' }],
    ])
    stop()
    stop()
    expect(collect()).toEqual([])
  })

  it('tells no life where no token is held, and no saving below zero', () => {
    const { meter, collect } = recordingMeter()
    observeStatus(meter, () => ({ ...status, expiresIn: undefined, tokensServed: 0 }))
    const names = collect().map(([name, value]) => [name, value])
    expect(names).toContainEqual(['countersign.client.requests.saved', 0])
    expect(names.flat()).not.toContain('countersign.client.token.expires_in')
  })

  it('never counts back the requests saved: an outage would look like a restart', () => {
    const { meter, collect } = recordingMeter()
    let tokenRequests = 3
    observeStatus(meter, () => ({ ...status, tokenRequests }))
    collect()
    tokenRequests = 10
    expect(collect()).toContainEqual(['countersign.client.requests.saved', 997, {}])
  })

  it('takes the status of a client: 1000 calls, 1 request, 999 saved', async () => {
    const { meter, collect } = recordingMeter()
    const auth = createClient({
      tokenEndpoint: 'https://as.example/token',
      clientId: 'billing',
      clientSecret: 's3cret',
      fetch: async () => Response.json({ access_token: 'at', expires_in: 3600 }),
    })
    observeStatus(meter, auth.status)
    await Promise.all(Array.from({ length: 1000 }, () => auth.getToken()))
    expect(await auth.getToken()).toBeInstanceOf(AccessToken)
    expect(collect()).toContainEqual(['countersign.client.requests.saved', 1000, {}])
  })

  it('refuses wrong arguments at once', () => {
    expect(() => observeStatus({} as never, () => status)).toThrow("observeStatus: 'meter'")
    const { meter } = recordingMeter()
    expect(() => observeStatus(meter, {} as never)).toThrow("observeStatus: 'status'")
  })
})
