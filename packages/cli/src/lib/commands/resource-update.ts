import type { Command } from '../command.ts'
import { usageFailure } from '../errors/command-failure.ts'
import { CHANGE_OPTIONS } from '../registry/registry-options.ts'
import { resourceJson } from '../registry/resource-json.ts'
import { RESOURCE_CHANGE_OPTIONS, resourceSettings } from '../registry/resource-options.ts'
import { scopeList } from '../text/scope-list.ts'

/** Changes what is known of an API. */
export const resourceUpdate: Command = {
  name: 'resource update',
  summary: 'Change the scopes or settings of an API',
  usage: 'URI [options]',
  about: [
    'What is not given stays as it is. The scopes that are given take the place of all before. One that',
    'is taken away is granted no more, and tokens that exist keep it until they expire.',
  ],
  operands: [1, 1],
  options: {
    scope: {
      value: 'SCOPE',
      repeats: true,
      help: 'A scope that the API knows',
      default: 'those it has',
    },
    ...RESOURCE_CHANGE_OPTIONS,
    ...CHANGE_OPTIONS,
  },
  examples: [
    [
      'countersign resource update https://api.example.com/orders --bound dpop',
      'Bearer tokens are refused to it from now on',
    ],
    [
      'countersign resource update https://api.example.com/orders --introspect orders-api',
      'The API may ask what its tokens are',
    ],
  ],
  async run(call) {
    const [resource = ''] = call.arguments.operands
    const scopes = scopeList(call.arguments.list('scope'))
    const changes = { ...(scopes.length > 0 && { scopes }), ...resourceSettings(call) }
    if (Object.keys(changes).length === 0) {
      throw usageFailure(
        'resource update was given nothing to change',
        'Name a setting: countersign help resource update',
      )
    }
    const { printChange } = await import('../registry/print-change.ts')
    return printChange(
      call,
      (administration) => administration.updateResource({ resource, ...changes }),
      (record) => ({ json: resourceJson(record), text: `resource ${record.resource} changed\n` }),
    )
  },
}
