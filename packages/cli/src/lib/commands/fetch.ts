import type { Command } from '../command.ts'
import { SECRET_SOURCES, TOKEN_OPTIONS } from '../token/token-options.ts'

/** Calls an API with a token. */
export const fetchCommand: Command = {
  name: 'fetch',
  summary: 'Call an API with a token and print its answer',
  usage: 'URL [options]',
  about: [
    'Gets a token first, as countersign token does, and sends it to URL and nowhere else: redirects',
    'to another origin are not followed, and plain http is for this machine only.',
    'Where the API answers with a failure, its reason is explained on standard error.',
    ...SECRET_SOURCES,
  ],
  operands: [1, 1],
  options: {
    request: {
      value: 'METHOD',
      short: 'X',
      help: 'The method',
      default: 'GET, or POST with --data',
    },
    header: {
      value: "'NAME: TEXT'",
      short: 'H',
      repeats: true,
      help: 'A header to send; the token has its own',
    },
    data: {
      value: 'TEXT',
      short: 'd',
      help: 'The body: the text itself, @PATH for a file, @- for standard input. Sent as JSON where it is JSON, else as a form, unless a header says otherwise',
    },
    include: { short: 'i', help: 'Print status and headers before the body' },
    ...TOKEN_OPTIONS,
  },
  examples: [
    ['countersign fetch http://127.0.0.1:8461/orders', 'Reads from the API of countersign dev'],
    [
      `countersign fetch http://127.0.0.1:8461/orders -d '{"item":"lamp"}' --scope orders:write`,
      'Sends JSON with a token that may write',
    ],
    [
      'countersign fetch https://api.example.com/orders --json',
      'Status, headers and body as one JSON object',
    ],
  ],
  async run(call) {
    const { callApi } = await import('../token/call-api.ts')
    return callApi(call)
  },
}
