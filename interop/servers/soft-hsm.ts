import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Pkcs11 from 'pkcs11js'
import type { StartAuthorizationServerOptions } from '@countersign/testkit'

type ServerOptions = NonNullable<StartAuthorizationServerOptions['serverOptions']>
type Signer = NonNullable<ServerOptions['signers']>[string]

const LIBRARY = '/usr/lib/softhsm/libsofthsm2.so'
const PIN = '123456'

/** Whether SoftHSM and its binding are here. Says so out loud where they are not. */
export function hasSoftHsm(): boolean {
  const missing = existsSync(LIBRARY) ? loadBinding() === undefined && 'pkcs11js' : 'softhsm2'
  if (missing !== false) console.log(`skipped: no ${missing}`)
  return missing === false
}

function loadBinding(): typeof Pkcs11 | undefined {
  try {
    return createRequire(import.meta.url)('pkcs11js') as typeof Pkcs11
  } catch {
    return undefined
  }
}

/** A token of SoftHSM, and the keys in it. */
export interface SoftHsm extends Disposable {
  readonly signer: Signer
  /** How many private keys are in it. */
  privateKeys(): number
  /** Ends the session behind the signer's back, as a device does that is pulled out. */
  logOut(): void
}

/** Makes a token in a folder of its own, and a signer over it. Keys are made so that they never leave. */
export function startSoftHsm(): SoftHsm {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-hsm-'))
  mkdirSync(join(folder, 'tokens'))
  const config = join(folder, 'softhsm2.conf')
  writeFileSync(config, `directories.tokendir = ${join(folder, 'tokens')}\nlog.level = ERROR\n`)
  // The library reads it when it is loaded.
  process.env['SOFTHSM2_CONF'] = config
  const pins = `--so-pin ${PIN} --pin ${PIN}`
  execFileSync('softhsm2-util', `--init-token --free --label countersign ${pins}`.split(' '))
  const binding = loadBinding()
  if (binding === undefined) throw new Error('pkcs11js is not here')
  const pkcs11 = new binding.PKCS11()
  pkcs11.load(LIBRARY)
  pkcs11.C_Initialize()
  const [slot] = pkcs11.C_GetSlotList(true)
  if (slot === undefined) throw new Error('SoftHSM has no token')
  const session = pkcs11.C_OpenSession(slot, binding.CKF_RW_SESSION | binding.CKF_SERIAL_SESSION)
  pkcs11.C_Login(session, binding.CKU_USER, PIN)
  let made = 0

  function find(kind: number, id?: string): Buffer[] {
    const template: { type: number; value: number | Buffer }[] = [
      { type: binding!.CKA_CLASS, value: kind },
    ]
    if (id !== undefined) template.push({ type: binding!.CKA_ID, value: Buffer.from(id) })
    pkcs11.C_FindObjectsInit(session, template)
    const found = pkcs11.C_FindObjects(session, 100)
    pkcs11.C_FindObjectsFinal(session)
    return found
  }

  function attribute(object: Buffer, type: number): Buffer {
    const [found] = pkcs11.C_GetAttributeValue(session, object, [{ type }])
    return found?.value as Buffer
  }

  const signer: Signer = {
    algorithms: ['ES256', 'RS256'],
    async createKey(algorithm) {
      const id = `k${++made}`
      const common = [
        { type: binding.CKA_TOKEN, value: true },
        { type: binding.CKA_ID, value: Buffer.from(id) },
      ]
      const shared = [...common, { type: binding.CKA_VERIFY, value: true }]
      const secret = [
        ...common,
        { type: binding.CKA_SIGN, value: true },
        { type: binding.CKA_SENSITIVE, value: true },
        { type: binding.CKA_EXTRACTABLE, value: false },
      ]
      if (algorithm === 'RS256') {
        const { publicKey } = pkcs11.C_GenerateKeyPair(
          session,
          { mechanism: binding.CKM_RSA_PKCS_KEY_PAIR_GEN },
          [
            ...shared,
            { type: binding.CKA_MODULUS_BITS, value: 2048 },
            { type: binding.CKA_PUBLIC_EXPONENT, value: Buffer.from([1, 0, 1]) },
          ],
          secret,
        )
        const n = attribute(publicKey, binding.CKA_MODULUS).toString('base64url')
        const e = attribute(publicKey, binding.CKA_PUBLIC_EXPONENT).toString('base64url')
        return { key: id, publicJwk: { kty: 'RSA', n, e } }
      }
      const { publicKey } = pkcs11.C_GenerateKeyPair(
        session,
        { mechanism: binding.CKM_EC_KEY_PAIR_GEN },
        // The object identifier of P-256.
        [
          ...shared,
          { type: binding.CKA_EC_PARAMS, value: Buffer.from('06082a8648ce3d030107', 'hex') },
        ],
        secret,
      )
      // An octet string with an uncompressed point in it: 04 41 04 x y.
      const point = attribute(publicKey, binding.CKA_EC_POINT).subarray(-64)
      const x = point.subarray(0, 32).toString('base64url')
      const y = point.subarray(32).toString('base64url')
      return { key: id, publicJwk: { kty: 'EC', crv: 'P-256', x, y } }
    },
    async sign(key, algorithm, data) {
      const [own] = find(binding.CKO_PRIVATE_KEY, key)
      if (own === undefined) throw new Error('there is no such key')
      if (algorithm === 'RS256') {
        pkcs11.C_SignInit(session, { mechanism: binding.CKM_SHA256_RSA_PKCS }, own)
        return pkcs11.C_Sign(session, Buffer.from(data), Buffer.alloc(256))
      }
      pkcs11.C_SignInit(session, { mechanism: binding.CKM_ECDSA }, own)
      const digest = createHash('sha256').update(data).digest()
      return pkcs11.C_Sign(session, digest, Buffer.alloc(64))
    },
    async destroyKey(key) {
      for (const object of [
        ...find(binding.CKO_PRIVATE_KEY, key),
        ...find(binding.CKO_PUBLIC_KEY, key),
      ]) {
        pkcs11.C_DestroyObject(session, object)
      }
    },
  }
  return {
    signer,
    privateKeys: () => find(binding.CKO_PRIVATE_KEY).length,
    logOut: () => pkcs11.C_Logout(session),
    [Symbol.dispose]() {
      pkcs11.C_CloseSession(session)
      pkcs11.C_Finalize()
      pkcs11.close()
      rmSync(folder, { recursive: true })
    },
  }
}
