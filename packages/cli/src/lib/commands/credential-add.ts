import type { Command } from '../command.ts'
import { NEW_CREDENTIAL_OPTIONS } from '../registry/new-credential-options.ts'
import { CHANGE_OPTIONS } from '../registry/registry-options.ts'
import { SECRET_FILE_OPTION } from '../registry/secret-file-option.ts'

/** Gives a client another way to prove itself. */
export const credentialAdd: Command = {
  name: 'credential add',
  summary: 'Give a client another secret, key, certificate or identity',
  usage: 'CLIENT [options]',
  about: [
    'Without an option that says otherwise it is a secret, shown once. The others stay as they are:',
    'a client may have several, which is how it changes from one to another with no failed call.',
  ],
  operands: [1, 1],
  options: { ...NEW_CREDENTIAL_OPTIONS, ...SECRET_FILE_OPTION, ...CHANGE_OPTIONS },
  examples: [
    ['countersign credential add billing --public-key billing.pem', 'A key: private_key_jwt'],
    [
      'countersign credential add billing --san-dns billing.internal',
      'Any certificate of that name, of an authority the TLS layer trusts: tls_client_auth',
    ],
    [
      'countersign credential add deploy --trusted-issuer https://token.actions.githubusercontent.com --subject repo:acme/shop:ref:refs/heads/main',
      'Jobs of one branch, by the identity their CI gives them',
    ],
  ],
  async run(call) {
    const [clientId = ''] = call.arguments.operands
    const { newCredential } = await import('../registry/new-credential.ts')
    const credential = await newCredential(call)
    const { handOverSecret } = await import('../registry/hand-over-secret.ts')
    return handOverSecret(
      call,
      (administration) => administration.addCredential(clientId, credential),
      {
        done: `client ${clientId} has another credential: ${credential.kind}`,
        next: `countersign credential list ${clientId}`,
      },
    )
  },
}
