import { JSON_OPTION, type Command } from '../command.ts'
import { DEV_API_PORT, DEV_LIFETIME, DEV_PORT } from '../dev/dev-defaults.ts'

/** Runs everything there is to try the flow with. */
export const dev: Command = {
  name: 'dev',
  summary: 'Run a server, a client and a guarded API here, ready to be called',
  usage: '[options]',
  about: [
    'Everything is in memory and on 127.0.0.1, and gone when it stops: for trying and for developing.',
    'Prints the environment, curl lines and TypeScript to paste. Then logs a line for each token',
    'and each call. Ctrl-C stops it.',
  ],
  operands: [0, 0],
  options: {
    port: {
      value: 'PORT',
      help: 'The port of the server; 0 takes any that is free',
      default: DEV_PORT,
    },
    'api-port': {
      value: 'PORT',
      help: 'The port of the API; 0 takes any that is free',
      default: DEV_API_PORT,
    },
    lifetime: { value: 'SECONDS', help: 'How long tokens live', default: DEV_LIFETIME },
    ...JSON_OPTION,
  },
  examples: [
    ['countersign dev', 'A server on port 8460 and an orders API on port 8461'],
    ['countersign dev --lifetime 5', 'Tokens that live five seconds: watch a client renew them'],
  ],
  async run(call) {
    const { runDev } = await import('../dev/run-dev.ts')
    return runDev(call)
  },
}
