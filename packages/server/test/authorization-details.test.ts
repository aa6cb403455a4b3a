import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startAuthorizationServer, type RunningAuthorizationServer } from '@countersign/testkit'
import type { FormAnswer } from './post-form.ts'
import { postToken } from './post-token.ts'

const PAYMENTS = 'urn:payments'
const FILES = 'urn:files'
const payment = {
  members: {
    amount: { type: 'number', required: true },
    currency: { type: 'string', values: ['EUR', 'USD'] },
    actions: { type: 'string_list', values: ['start', 'cancel'] },
    urgent: { type: 'boolean' },
    creditor: { type: 'object' },
  },
} as const

let running: RunningAuthorizationServer
beforeAll(async () => {
  running = await startAuthorizationServer({
    resources: [
      {
        resource: PAYMENTS,
        scopes: ['pay', 'look'],
        authorizationDetails: { payment, refund: { members: {} } },
      },
      { resource: FILES, scopes: ['look'], authorizationDetails: { file: { members: {} } } },
    ],
    clients: [
      {
        clientId: 'shop',
        grants: [
          { resource: PAYMENTS, scopes: ['pay', 'look'], authorizationDetailsTypes: ['payment'] },
          { resource: FILES, scopes: ['look'], authorizationDetailsTypes: ['file'] },
        ],
      },
    ],
  })
})
afterAll(() => running.close())

function ask(
  details: unknown,
  form: Readonly<Record<string, string>> = { resource: PAYMENTS },
): Promise<FormAnswer> {
  const text = typeof details === 'string' ? details : JSON.stringify(details)
  return postToken(running.tokenEndpoint, {
    basic: running.client,
    form: { ...form, authorization_details: text },
  })
}

describe('authorization_details', () => {
  const details = [
    {
      type: 'payment',
      amount: 12.5,
      currency: 'EUR',
      actions: ['start'],
      urgent: false,
      creditor: { name: 'Zoë', account: { iban: 'X' } },
    },
    { type: 'payment', amount: 1 },
  ]

  it('[std:193] come back in the answer and in the token, and give no scope that was not asked', async () => {
    const { status, json } = await ask(details)
    expect(status).toBe(200)
    expect(json['authorization_details']).toEqual(details)
    expect(json).not.toHaveProperty('scope')
    const claims = decodeJwt(String(json['access_token']))
    expect(claims['authorization_details']).toEqual(details)
    expect(claims).not.toHaveProperty('scope')
  })

  it('[std:193] stand beside a scope that is asked for too', async () => {
    const { json } = await ask(details, { resource: PAYMENTS, scope: 'pay' })
    const claims = decodeJwt(String(json['access_token']))
    expect([json['scope'], claims['scope']]).toEqual(['pay', 'pay'])
  })

  it('find the one resource that takes their type', async () => {
    const { json } = await ask([{ type: 'file' }], {})
    expect(decodeJwt(String(json['access_token'])).aud).toBe(FILES)
    const both = await ask([{ type: 'file' }, { type: 'payment', amount: 1 }], {})
    expect([both.status, both.json['error']]).toEqual([400, 'invalid_authorization_details'])
  })

  it.each([
    ['malformed JSON', '{', 'malformed'],
    ['an object', { type: 'payment', amount: 1 }, 'malformed'],
    ['no type', [{ amount: 1 }], 'malformed'],
    ['too many', Array.from({ length: 11 }, () => ({ type: 'payment', amount: 1 })), 'malformed'],
    ['too long', [{ type: 'payment', amount: 1, currency: 'E'.repeat(5000) }], 'malformed'],
    ['an unknown type', [{ type: 'gift' }], 'not_granted'],
    ['a type out of the prototype', [{ type: 'constructor' }], 'not_granted'],
    ['a type of another resource', [{ type: 'file' }], 'not_granted'],
    ['a type that the resource has and the grant has not', [{ type: 'refund' }], 'not_granted'],
    ['a good one before an unknown one', [details[0], { type: 'gift' }], 'not_granted'],
    ['an unknown member', [{ type: 'payment', amount: 1, tip: 1 }], 'invalid'],
    ['a member out of the prototype', [{ type: 'payment', amount: 1, toString: 1 }], 'invalid'],
    ['a missing member', [{ type: 'payment', currency: 'EUR' }], 'invalid'],
    ['a member of the wrong kind', [{ type: 'payment', amount: '1' }], 'invalid'],
    ['null for a member', [{ type: 'payment', amount: null }], 'invalid'],
    ['a value not listed', [{ type: 'payment', amount: 1, currency: 'GBP' }], 'invalid'],
    [
      'a value not listed in a list',
      [{ type: 'payment', amount: 1, actions: ['steal'] }],
      'invalid',
    ],
    ['a string for a list', [{ type: 'payment', amount: 1, actions: 'start' }], 'invalid'],
    ['a list for an object', [{ type: 'payment', amount: 1, creditor: [] }], 'invalid'],
  ])('[std:192] are refused with %s', async (_what, given, reason) => {
    const { status, json } = await ask(given)
    expect([status, json['error']]).toEqual([400, 'invalid_authorization_details'])
    expect(running.events.at(-1)).toMatchObject({ reason: `authorization_details_${reason}` })
  })

  it('are refused twice over', async () => {
    const { status, json } = await postToken(running.tokenEndpoint, {
      basic: running.client,
      form: [
        ['authorization_details', JSON.stringify(details)],
        ['authorization_details', JSON.stringify(details)],
      ],
    })
    expect([status, json['error']]).toEqual([400, 'invalid_request'])
  })

  it('are not granted any more once the type is taken from the resource', async () => {
    const { administration, server } = running
    await administration.updateResource({ resource: FILES, authorizationDetails: {} })
    await server.refresh()
    const { json } = await ask([{ type: 'file' }], { resource: FILES })
    expect(json['error']).toBe('invalid_authorization_details')
  })
})
