import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A key and its certificate, both PEM. */
export interface Identity {
  readonly key: string
  readonly cert: string
}

/** Certificates for one test run, good for a day. */
export interface TestPki {
  /** The certificate that the server and its clients trust. */
  readonly ca: string
  /** Issued for `127.0.0.1`. */
  readonly server: Identity
  /** Issued for {@link SERVER_NAME}. */
  readonly namedServer: Identity
  /** Issued for {@link CLIENT_NAME}. */
  readonly client: Identity
  /** Issued by the same authority for another name. */
  readonly otherClient: Identity
  readonly selfSigned: Identity
  readonly otherSelfSigned: Identity
}

/** The DNS name in the certificate of {@link TestPki.namedServer}. */
export const SERVER_NAME = 'keys.example'
/** The DNS name in the certificate of {@link TestPki.client}. */
export const CLIENT_NAME = 'billing.clients.example'

const run = promisify(execFile)

/**
 * Makes a certificate authority and what it issues, with the openssl of this machine: Node can read
 * certificates, not make them. Gives `undefined`, and says so, where there is no openssl.
 */
export async function makeTestPki(): Promise<TestPki | undefined> {
  try {
    await run('openssl', ['version'])
  } catch {
    console.warn('openssl is not installed: what needs certificates is NOT tested')
    return undefined
  }
  const folder = await mkdtemp(join(tmpdir(), 'test-pki-'))
  try {
    return await makeIn(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function makeIn(folder: string): Promise<TestPki> {
  const config = join(folder, 'openssl.cnf')
  await writeFile(config, '[req]\ndistinguished_name = dn\n[dn]\n')

  async function make(name: string, extensions: readonly string[], issuer?: string) {
    const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)]
    const base = `req -x509 -days 1 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256`.split(' ')
    const files = ['-config', config, '-keyout', key, '-out', cert, '-subj', `/CN=${name}`]
    const added = extensions.flatMap((extension) => ['-addext', extension])
    const by = issuer === undefined ? undefined : join(folder, issuer)
    const signer = by === undefined ? [] : ['-CA', `${by}.pem`, '-CAkey', `${by}.key`]
    await run('openssl', [...base, ...files, ...added, ...signer])
    return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') }
  }

  const ca = await make('ca', ['basicConstraints=critical,CA:TRUE'])
  const leaf = 'basicConstraints=critical,CA:FALSE'
  return {
    ca: ca.cert,
    server: await make('server', [leaf, 'subjectAltName=IP:127.0.0.1'], 'ca'),
    namedServer: await make('named', [leaf, `subjectAltName=DNS:${SERVER_NAME}`], 'ca'),
    client: await make('client', [leaf, `subjectAltName=DNS:${CLIENT_NAME}`], 'ca'),
    otherClient: await make('other', [leaf, 'subjectAltName=DNS:other.clients.example'], 'ca'),
    selfSigned: await make('self', [leaf]),
    otherSelfSigned: await make('other-self', [leaf]),
  }
}
