import type { Administration } from '@countersign/server'
import type { Command } from '../command.ts'
import { CHANGE_OPTIONS } from '../registry/registry-options.ts'

/** A kind of record that can be disabled and enabled again, and the words its two commands need. */
interface Kind {
  /** What its identifier is called on the command line. */
  readonly operand: string
  /** What its identifier is called in JSON. */
  readonly member: string
  /** An identifier for the examples. */
  readonly sample: string
  readonly disable: Direction
  readonly enable: Direction
}

/** What one of the two commands does and says. */
interface Direction {
  readonly change: (
    administration: Administration,
    id: string,
  ) => Promise<{ readonly state: string }>
  readonly summary: string
  readonly about: readonly string[]
  /** What its example does. */
  readonly does: string
}

/**
 * The commands that disable and enable what can be disabled, by what it is: first `disable`, then
 * `enable`.
 */
export const STATE_COMMANDS: Readonly<
  Record<
    'client' | 'credential' | 'resource' | 'issuer',
    readonly [disable: Command, enable: Command]
  >
> = {
  client: stateCommands('client', {
    operand: 'ID',
    member: 'client_id',
    sample: 'billing',
    disable: {
      change: (administration, id) => administration.disableClient(id),
      summary: 'Refuse a client from now on',
      about: [
        'For as long, its tokens end at introspection and in the revocation feed; an API that asks neither',
        'takes them until they expire. Its ID, credentials and grants are kept.',
      ],
      does: 'Stops billing from getting tokens',
    },
    enable: {
      change: (administration, id) => administration.enableClient(id),
      summary: 'Let a disabled client in again',
      about: ['Its credentials and grants are what they were.'],
      does: 'Lets billing get tokens again',
    },
  }),
  credential: stateCommands('credential', {
    operand: 'ID',
    member: 'credential_id',
    sample: '0b9e',
    disable: {
      change: (administration, id) => administration.disableCredential(id),
      summary: 'Refuse one credential of a client from now on',
      about: [
        'The client goes on with its other ones. For as long, tokens got with it end at introspection and in',
        'the revocation feed; an API that asks neither takes them until they expire.',
      ],
      does: 'A key was lost: it proves nothing any more',
    },
    enable: {
      change: (administration, id) => administration.enableCredential(id),
      summary: 'Take a disabled credential again',
      about: ['An expired one stays expired.'],
      does: 'The key was found',
    },
  }),
  resource: stateCommands('resource', {
    operand: 'URI',
    member: 'resource',
    sample: 'https://api.example.com/orders',
    disable: {
      change: (administration, id) => administration.disableResource(id),
      summary: 'Issue no more tokens for an API',
      about: [
        'For as long, tokens for it end at introspection and in the revocation feed; an API that asks neither',
        'takes them until they expire. Its URI stays taken.',
      ],
      does: 'No more tokens for it',
    },
    enable: {
      change: (administration, id) => administration.enableResource(id),
      summary: 'Issue tokens for a disabled API again',
      about: ['Its scopes and what was granted there are what they were.'],
      does: 'Tokens for it again',
    },
  }),
  issuer: stateCommands('issuer', {
    operand: 'URL',
    member: 'issuer',
    sample: 'https://token.actions.githubusercontent.com',
    disable: {
      change: (administration, id) => administration.disableTrustedIssuer(id),
      summary: 'Trust no more assertions of an issuer',
      about: ['Clients that prove themselves by it get no tokens. The rules about it are kept.'],
      does: 'Its jobs get no more tokens',
    },
    enable: {
      change: (administration, id) => administration.enableTrustedIssuer(id),
      summary: 'Trust the assertions of an issuer again',
      about: ['The rules about it are what they were.'],
      does: 'Its jobs get tokens again',
    },
  }),
}

function stateCommands(noun: string, kind: Kind): readonly [disable: Command, enable: Command] {
  return [stateCommand(noun, 'disable', kind), stateCommand(noun, 'enable', kind)]
}

function stateCommand(noun: string, verb: 'disable' | 'enable', kind: Kind): Command {
  const { operand, member, sample } = kind
  const { change, summary, about, does } = kind[verb]
  return {
    name: `${noun} ${verb}`,
    summary,
    usage: `${operand} [options]`,
    about,
    operands: [1, 1],
    options: CHANGE_OPTIONS,
    examples: [[`countersign ${noun} ${verb} ${sample}`, does]],
    async run(call) {
      const { printChange } = await import('../registry/print-change.ts')
      const [id = ''] = call.arguments.operands
      return printChange(
        call,
        (administration) => change(administration, id),
        ({ state }) => ({
          json: { [member]: id, state },
          text: `${noun} ${id} ${verb}d; a running server sees it within a second\n`,
        }),
      )
    },
  }
}
