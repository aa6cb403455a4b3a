import type { Command } from '../command.ts'
import { EXIT_CODES } from '../errors/exit-codes.ts'
import { CREATE_OPTION, CHANGE_OPTIONS } from '../registry/registry-options.ts'
import { resourceJson } from '../registry/resource-json.ts'
import { scopeList } from '../text/scope-list.ts'
import { parseWholeNumber } from '../text/whole-number.ts'

/** Seconds that a token may live. */
const LIFETIMES = { least: 1, most: 2_592_000, sample: '3600' }

/** Registers an API. */
export const resourceCreate: Command = {
  name: 'resource create',
  summary: 'Register an API that tokens are for, with its scopes',
  usage: 'URI --scope SCOPE [--scope SCOPE ...] [options]',
  about: [
    'URI is the absolute URI of the API. It is compared letter by letter, and tokens for the API',
    'carry it as aud: give the guard of the API the same text as its audience.',
  ],
  operands: [1, 1],
  options: {
    scope: {
      value: 'SCOPE',
      repeats: true,
      help: 'A scope that the API knows, such as orders:read',
    },
    lifetime: {
      value: 'SECONDS',
      help: 'How long its tokens live, at most 30 days',
      default: LIFETIMES.sample,
    },
    name: { value: 'TEXT', help: 'What people call it', default: 'the URI' },
    ...CREATE_OPTION,
    ...CHANGE_OPTIONS,
  },
  examples: [
    [
      'countersign resource create https://api.example.com/orders --scope orders:read --scope orders:write',
      'An API with two scopes',
    ],
    [
      'countersign resource create https://api.example.com/pay --scope pay --lifetime 300',
      'An API whose tokens live five minutes',
    ],
  ],
  async run(call) {
    const { arguments: given, io, json } = call
    const [resource = ''] = given.operands
    const lifetime = given.text('lifetime')
    const name = given.text('name')
    const options = {
      resource,
      scopes: scopeList(given.list('scope')),
      ...(name !== undefined && { name }),
      ...(lifetime !== undefined && {
        tokenLifetimeSeconds: parseWholeNumber('lifetime', lifetime, LIFETIMES),
      }),
    }
    const { withAdministration } = await import('../registry/open-registry.ts')
    const record = await withAdministration(call, (administration) =>
      administration.createResource(options),
    )
    io.stdout(
      json
        ? `${JSON.stringify(resourceJson(record))}\n`
        : `resource ${record.resource} created: ${record.scopes.join(' ')}\n` +
            `next: countersign grant CLIENT ${record.resource} ${record.scopes.join(' ')}\n`,
    )
    return EXIT_CODES.ok.code
  },
}
