import { createGuard, protectedResource, type GuardOptions } from '@countersign/guard'
import { describe, expect, it } from 'vitest'
import { AUDIENCE } from './scripted-issuer.ts'
import { QUESTIONS } from './two-issuers.ts'

describe('createGuard options for several issuers', () => {
  const one = { issuer: 'https://one.example' }
  const two = { issuer: 'https://two.example' }
  const good = { audience: AUDIENCE, issuers: [one, two] }

  it.each([
    [{ ...good, issuers: [] }, 'issuers'],
    [{ ...good, issuers: one }, 'issuers'],
    [{ ...good, issuers: ['https://one.example'] }, 'issuers[0]'],
    [{ ...good, issuers: [one, { issuer: 'http://two.example' }] }, 'issuers[1].issuer'],
    [{ ...good, issuers: [one, { profile: 'okta' }] }, 'issuers[1].issuer'],
    [{ ...good, issuers: [one, two, one] }, 'issuers[2].issuer'],
    [{ ...good, issuers: [one, { ...two, profile: 'entre' }] }, 'issuers[1].profile'],
    [{ ...good, issuers: [one, { ...two, audience: [] }] }, 'issuers[1].audience'],
    [{ ...good, issuers: [one, { ...two, realm: 'x' }] }, 'issuers[1].realm'],
    [{ ...good, issuers: [one, { ...two, profile: 'cognito' }] }, 'issuers[1].clients'],
    [{ ...good, issuers: [one, { ...two, revocation: {} }] }, 'issuers[1].revocation'],
    [{ ...good, audience: undefined }, 'audience'],
    [{ ...good, issuer: 'https://one.example' }, 'issuer'],
    [{ ...good, jwksUri: 'https://one.example/jwks' }, 'jwksUri'],
    [{ ...good, algorithms: ['ES256'] }, 'algorithms'],
    [{ ...good, profile: 'okta' }, 'profile'],
    [{ ...good, introspection: QUESTIONS }, 'introspection'],
    [{ ...good, issuers: [one, { ...two, profile: 'fapi2' }] }, 'binding'],
    [{ ...good, issuers: undefined, issuer: one.issuer, profile: 'fapi2' }, 'binding'],
    ...[
      [undefined, 'bbb_'],
      ['bbb', 'bbb_'],
      ['bbb_', 'bbb_'],
    ].map(([first, second]): [unknown, string] => [
      {
        ...good,
        issuers: [
          { ...one, introspection: { ...QUESTIONS, ...(first && { prefix: first }) } },
          { ...two, introspection: { ...QUESTIONS, prefix: second } },
        ],
      },
      'issuers[0].introspection.prefix',
    ]),
    ...['', 'a.b', 'a b', 7].map((prefix): [unknown, string] => [
      { ...good, issuers: [{ ...one, introspection: { ...QUESTIONS, prefix } }] },
      'issuers[0].introspection.prefix',
    ]),
  ])('are refused: %j, naming %s', (options, option) => {
    expect(() => createGuard(options as GuardOptions)).toThrow(
      expect.objectContaining({ name: 'ArgumentError', option }),
    )
  })

  it('come from a declaration too, which knows its authorization servers', () => {
    const orders = protectedResource({
      resource: AUDIENCE,
      authorizationServers: [one.issuer, two.issuer],
      scopes: { 'orders:read': 'Read orders' },
    })
    expect(() => orders.guard({ issuers: [one, two] })).not.toThrow()
    expect(() => orders.guard()).toThrow(expect.objectContaining({ option: 'issuer' }))
    expect(() => orders.guard({ issuers: [one, { issuer: 'https://three.example' }] })).toThrow(
      expect.objectContaining({ option: 'issuers[1].issuer' }),
    )
    expect(() => orders.guard({ issuer: one.issuer, issuers: [two] })).toThrow(
      expect.objectContaining({ option: 'issuer' }),
    )
  })
})
