import { readFileSync } from 'node:fs'
import { parseJsonObject } from '@countersign/protocol'
import type { ResourceSettings } from '@countersign/server'
import type { Call, OptionDefinitions } from '../command.ts'
import { usageFailure } from '../errors/command-failure.ts'
import { parseWholeNumber } from '../text/whole-number.ts'

/** Seconds that a token may live. */
export const TOKEN_LIFETIMES = { least: 1, most: 2_592_000, sample: '3600' } as const

/** What a resource may be told, at its creation and later. */
export const RESOURCE_OPTIONS: OptionDefinitions = {
  name: { value: 'TEXT', help: 'What people call it', default: 'the URI' },
  lifetime: {
    value: 'SECONDS',
    help: 'How long its tokens live, at most 30 days',
    default: TOKEN_LIFETIMES.sample,
  },
  format: {
    value: 'FORMAT',
    help: 'jwt: the API verifies tokens by itself; opaque: it asks, and tokens can be ended at once',
    default: 'jwt',
  },
  alg: {
    value: 'ALG',
    help: 'What its tokens are signed with: ES256, Ed25519, PS256, RS256, ML-DSA-44 or ML-DSA-65',
    default: 'ES256',
  },
  bound: {
    value: 'HOW',
    help: 'Whether its tokens must be bound to their sender: none, dpop, certificate or any of the two',
    default: 'none',
  },
  introspect: {
    value: 'CLIENT',
    repeats: true,
    help: 'A client that may ask what its tokens are, and tell how its scopes are used: the API itself',
  },
  'details-schema': {
    value: 'PATH',
    help: 'A JSON file: the types of authorization_details it takes, each with its members (RFC 9396)',
  },
}

/** The same at a change: what is not given stays as it is, so there are no defaults. */
export const RESOURCE_CHANGE_OPTIONS: OptionDefinitions = Object.fromEntries(
  Object.entries(RESOURCE_OPTIONS).map(([name, { default: _none, ...option }]) => [name, option]),
)

/** The settings that a call gives. The server checks the rest. Throws: `CommandFailure` (usage). */
export function resourceSettings({ arguments: given }: Call): ResourceSettings {
  const lifetime = given.text('lifetime')
  const name = given.text('name')
  const format = given.text('format') as ResourceSettings['tokenFormat']
  const alg = given.text('alg') as ResourceSettings['signingAlgorithm']
  const bound = given.text('bound') as ResourceSettings['senderConstraint']
  const clients = given.list('introspect')
  const path = given.text('details-schema')
  return {
    ...(name !== undefined && { name }),
    ...(lifetime !== undefined && {
      tokenLifetimeSeconds: parseWholeNumber('lifetime', lifetime, TOKEN_LIFETIMES),
    }),
    ...(format !== undefined && { tokenFormat: format }),
    ...(alg !== undefined && { signingAlgorithm: alg }),
    ...(bound !== undefined && { senderConstraint: bound }),
    ...(clients.length > 0 && { introspectionClients: clients }),
    ...(path !== undefined && { authorizationDetails: schemaOf(path) }),
  }
}

function schemaOf(path: string): NonNullable<ResourceSettings['authorizationDetails']> {
  const json = parseJsonObject(readFileSync(path, 'utf8'))
  if (json.ok) return json.value as NonNullable<ResourceSettings['authorizationDetails']>
  throw usageFailure(
    'the file of --details-schema is no JSON object',
    'Write it as {"payment":{"members":{"amount":{"type":"number","required":true}}}}',
  )
}
