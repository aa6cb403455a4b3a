import { requiredString } from '@countersign/protocol'
import { CredentialError } from '../errors/token-error.ts'
import type { SecretSource } from './secret-source.ts'

/**
 * A secret out of a file, read at each token request; one line end at the end is dropped.
 *
 * For mounted secrets (Docker, Kubernetes, systemd credentials) that are replaced in their place.
 * Needs a runtime with `node:fs`: Node, Bun, Deno.
 *
 * Throws when used: `ERR_CREDENTIAL` where the file cannot be read or is empty.
 *
 * @example clientSecret: fromFile('/run/secrets/client-secret')
 */
export function fromFile(path: string): SecretSource {
  const file = requiredString('fromFile', 'path', path)
  return async () => {
    const text = await readText(file)
    const secret = text.replace(/\r?\n$/, '')
    if (secret !== '') return secret
    throw unreadable(file, 'is empty')
  }
}

/** The little of `node:fs/promises` that is used; the package itself is for every runtime. */
interface FileReader {
  readFile(path: string, encoding: 'utf8'): Promise<string>
}

async function readText(file: string): Promise<string> {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (id: string) => unknown }
  }
  const fs = process?.getBuiltinModule?.('node:fs/promises') as FileReader | undefined
  if (fs === undefined) throw unreadable(file, 'cannot be read: this runtime has no files')
  try {
    return await fs.readFile(file, 'utf8')
  } catch (error) {
    const { code } = error as { code?: unknown }
    throw unreadable(file, `cannot be read (${typeof code === 'string' ? code : 'unknown reason'})`)
  }
}

function unreadable(file: string, why: string): CredentialError {
  return new CredentialError('ERR_CREDENTIAL', `secret file ${file} ${why}`, {
    phase: 'credential',
    hint: 'Check the path and that this process may read it',
  })
}
