import { ArgumentError, assertKnownOptions, requiredString } from '@countersign/protocol'
import { fromFile } from './from-file.ts'
import { readSecrets, type SecretSource } from './secret-source.ts'

/** How this process proves to a Vault who it is. */
export type VaultAuth = VaultTokenAuth | VaultAppRoleAuth | VaultKubernetesAuth

/** A token that somebody else got, a Vault Agent say. It is renewed at half of its life. */
export interface VaultTokenAuth {
  /** The token, or where it is: `fromFile(…)` for an agent's sink, read again when it is refused. */
  readonly token: string | SecretSource
}

/** Login with an AppRole. */
export interface VaultAppRoleAuth {
  readonly roleId: string
  readonly secretId: string | SecretSource
  /** Where the method is mounted. Default `approle`. */
  readonly mount?: string
}

/** Login with the service account of a Kubernetes pod. */
export interface VaultKubernetesAuth {
  readonly kubernetesRole: string
  /** The projected token, read at each login. Default: where Kubernetes puts it. */
  readonly jwtFile?: string
  /** Where the method is mounted. Default `kubernetes`. */
  readonly mount?: string
}

/** A login, ready to be sent; or a token that needs none. */
export type VaultCredential =
  | { readonly kind: 'token'; readonly token: () => Promise<string> }
  | {
      readonly kind: 'login'
      readonly mount: string
      readonly body: () => Promise<Readonly<Record<string, string>>>
    }

const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token'

/** Checks an option `auth` before anything is sent. Throws `ArgumentError`, naming the member. */
export function vaultCredential(caller: string, auth: unknown): VaultCredential {
  const kind = ['token', 'roleId', 'kubernetesRole'].find(
    (name) => typeof auth === 'object' && auth !== null && name in auth,
  )
  if (kind === undefined) {
    const message = `${caller}: 'auth' must be { token }, { roleId, secretId } or { kubernetesRole }`
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'auth', message)
  }
  if (kind === 'token') {
    assertKnownOptions(caller, auth, ['token'])
    const source = secretOf(caller, 'auth.token', auth['token'])
    return { kind, token: () => first(source) }
  }
  if (kind === 'roleId') {
    assertKnownOptions(caller, auth, ['roleId', 'secretId', 'mount'])
    const roleId = requiredString(caller, 'auth.roleId', auth['roleId'])
    const source = secretOf(caller, 'auth.secretId', auth['secretId'])
    return {
      kind: 'login',
      mount: mountOf(caller, auth['mount'] ?? 'approle'),
      body: async () => ({ role_id: roleId, secret_id: await first(source) }),
    }
  }
  assertKnownOptions(caller, auth, ['kubernetesRole', 'jwtFile', 'mount'])
  const role = requiredString(caller, 'auth.kubernetesRole', auth['kubernetesRole'])
  const file = requiredString(caller, 'auth.jwtFile', auth['jwtFile'] ?? SERVICE_ACCOUNT_TOKEN)
  const source = fromFile(file)
  return {
    kind: 'login',
    mount: mountOf(caller, auth['mount'] ?? 'kubernetes'),
    body: async () => ({ role, jwt: await first(source) }),
  }
}

/** A path of Vault with each part encoded, so that it cannot lead elsewhere. */
export function vaultPath(caller: string, option: string, value: unknown): string {
  const parts = requiredString(caller, option, value).split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..' || /\p{Cc}/u.test(part))) {
    const message = `${caller}: '${option}' must be a path such as team/billing, with no slash at its ends`
    throw new ArgumentError('ERR_ARGUMENT_VALUE', option, message)
  }
  return parts.map(encodeURIComponent).join('/')
}

function mountOf(caller: string, value: unknown): string {
  return vaultPath(caller, 'auth.mount', value)
}

function secretOf(caller: string, option: string, value: unknown): SecretSource {
  if (typeof value === 'function') return value as SecretSource
  const secret = requiredString(caller, option, value)
  return () => secret
}

async function first(source: SecretSource): Promise<string> {
  const [secret = ''] = await readSecrets(source)
  return secret
}
