import { readFileSync } from 'node:fs'
import { parseJsonObject } from '@countersign/protocol'
import type { Command } from '../command.ts'
import { usageFailure } from '../errors/command-failure.ts'
import { CHANGE_OPTIONS } from '../registry/registry-options.ts'

/** Trusts somebody who vouches for workloads. */
export const issuerCreate: Command = {
  name: 'issuer create',
  summary: 'Trust an issuer that vouches for workloads: a cluster, a CI, a cloud',
  usage: 'URL [options]',
  about: [
    'URL is the iss of its assertions, letter by letter. Nobody gets in by that alone: a client needs a',
    'credential that names the issuer and a subject (countersign credential add --trusted-issuer).',
    'Its keys are found by its metadata, unless an option says where they are.',
  ],
  operands: [1, 1],
  options: {
    name: { value: 'TEXT', help: 'What people call it', default: 'the URL' },
    'jwks-uri': { value: 'URL', help: 'Where its keys are' },
    jwks: { value: 'PATH', help: 'A file with its keys, where it publishes none' },
    reusable: {
      help: 'Its assertions may be used until they expire, as those of Kubernetes are, not once only',
    },
    ...CHANGE_OPTIONS,
  },
  examples: [
    [
      'countersign issuer create https://token.actions.githubusercontent.com --name Actions',
      'Jobs of GitHub Actions',
    ],
    [
      'countersign issuer create https://kubernetes.default.svc --jwks cluster-keys.json --reusable',
      'Pods of a cluster whose keys cannot be fetched from here',
    ],
  ],
  async run(call) {
    const { printChange } = await import('../registry/print-change.ts')
    const { arguments: given } = call
    const [issuer = ''] = given.operands
    const [name, jwksUri, path] = [given.text('name'), given.text('jwks-uri'), given.text('jwks')]
    const jwks = path === undefined ? undefined : parseJsonObject(readFileSync(path, 'utf8'))
    if (jwks?.ok === false) {
      throw usageFailure('the file of --jwks is no JSON object', 'It must be {"keys":[…]}')
    }
    const options = {
      issuer,
      ...(name !== undefined && { name }),
      ...(jwksUri !== undefined && { jwksUri }),
      ...(jwks !== undefined && { jwks: jwks.value }),
      singleUse: !given.flag('reusable'),
    }
    return printChange(
      call,
      (administration) => administration.createTrustedIssuer(options),
      (record) => ({
        json: { issuer: record.issuer, name: record.name, state: record.state },
        text:
          `issuer ${record.issuer} is trusted\n` +
          `next: countersign credential add CLIENT --trusted-issuer ${record.issuer} --subject TEXT\n`,
      }),
    )
  },
}
