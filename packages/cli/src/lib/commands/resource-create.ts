import type { Command } from '../command.ts'
import { CREATE_OPTION, CHANGE_OPTIONS } from '../registry/registry-options.ts'
import { resourceJson } from '../registry/resource-json.ts'
import { RESOURCE_OPTIONS, resourceSettings } from '../registry/resource-options.ts'
import { scopeList } from '../text/scope-list.ts'

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
    ...RESOURCE_OPTIONS,
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
    const { arguments: given } = call
    const [resource = ''] = given.operands
    const options = { resource, scopes: scopeList(given.list('scope')), ...resourceSettings(call) }
    const { printChange } = await import('../registry/print-change.ts')
    return printChange(
      call,
      (administration) => administration.createResource(options),
      (record) => ({
        json: resourceJson(record),
        text:
          `resource ${record.resource} created: ${record.scopes.join(' ')}\n` +
          `next: countersign grant CLIENT ${record.resource} ${record.scopes.join(' ')}\n`,
      }),
    )
  },
}
