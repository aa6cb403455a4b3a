import type { Administration, ClientRecord, CredentialSummary, Secret } from '@countersign/server'
import type { Call } from '../command.ts'
import { EXIT_CODES } from '../errors/exit-codes.ts'
import { printable } from '../text/printable.ts'
import { isoTime } from '../text/time-in-words.ts'
import { withAdministration } from './open-registry.ts'
import { reserveSecretFile } from './secret-file.ts'

/**
 * Makes a credential with `make` and hands its secret over once: printed, or written to `--secret-file`.
 * A credential without a secret is only told of.
 *
 * `done` says in words what was done; `next` is the command to type then.
 */
export async function handOverSecret(
  call: Call,
  make: (administration: Administration) => Promise<HandedOver>,
  { done, next }: { readonly done: string; readonly next: string },
): Promise<number> {
  const { arguments: given, io, json } = call
  // A secret that will never work is written nowhere.
  const path = call.planned === undefined ? given.text('secret-file') : undefined
  const created = await withAdministration(call, async (administration) => {
    const file = path === undefined ? undefined : reserveSecretFile(path)
    try {
      const made = await make(administration)
      if (made.secret === undefined) file?.discard()
      else file?.write(made.secret.reveal())
      return made
    } catch (error) {
      file?.discard()
      throw error
    }
  })
  const { client, credential, secret } = created
  if (json) {
    const members = {
      client_id: client.clientId,
      name: client.name,
      credential_id: credential?.credentialId ?? null,
      created_at: isoTime(credential?.createdAt ?? client.createdAt),
      ...(secret !== undefined &&
        (path === undefined ? { client_secret: secret.reveal() } : { client_secret_file: path })),
    }
    io.stdout(`${JSON.stringify(members)}\n`)
  } else {
    io.stdout(
      `${done}\n${secret === undefined ? '' : `${secretText(secret, path)}\n`}next: ${next}\n`,
    )
  }
  return EXIT_CODES.ok.code
}

/** What was made: with a secret, or of a kind that has none. */
interface HandedOver {
  readonly client: Pick<ClientRecord, 'clientId' | 'name' | 'createdAt'>
  readonly credential: CredentialSummary | undefined
  readonly secret: Secret | undefined
}

function secretText(secret: Secret, path: string | undefined): string {
  return path === undefined
    ? `secret: ${secret.reveal()}\nThis is the only time it is shown.`
    : `secret: in ${printable(path)}`
}
