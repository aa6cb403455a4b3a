import type { Administration, CreatedCredential } from '@countersign/server'
import type { Call } from '../command.ts'
import { EXIT_CODES } from '../errors/exit-codes.ts'
import { printable } from '../text/printable.ts'
import { isoTime } from '../text/time-in-words.ts'
import { withAdministration } from './open-registry.ts'
import { reserveSecretFile } from './secret-file.ts'

/**
 * Makes a secret with `make` and hands it over once: printed, or written to `--secret-file`.
 *
 * `done` says in words what was done; `next` is the command to type then.
 */
export async function handOverSecret(
  call: Call,
  make: (administration: Administration) => Promise<CreatedCredential>,
  { done, next }: { readonly done: string; readonly next: string },
): Promise<number> {
  const { arguments: given, io, json } = call
  // A secret that will never work is written nowhere.
  const path = call.planned === undefined ? given.text('secret-file') : undefined
  const created = await withAdministration(call, async (administration) => {
    const file = path === undefined ? undefined : reserveSecretFile(path)
    try {
      const made = await make(administration)
      file?.write(made.secret.reveal())
      return made
    } catch (error) {
      file?.discard()
      throw error
    }
  })
  const { client, credential } = created
  if (json) {
    const members = {
      client_id: client.clientId,
      name: client.name,
      credential_id: credential.credentialId,
      created_at: isoTime(credential.createdAt),
      ...(path === undefined
        ? { client_secret: created.secret.reveal() }
        : { client_secret_file: path }),
    }
    io.stdout(`${JSON.stringify(members)}\n`)
  } else {
    io.stdout(
      `${done}\n${
        path === undefined
          ? `secret: ${created.secret.reveal()}\nThis is the only time it is shown.`
          : `secret: in ${printable(path)}`
      }\nnext: ${next}\n`,
    )
  }
  return EXIT_CODES.ok.code
}
