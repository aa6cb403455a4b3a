import { assertKnownOptions, optionalFunction, optionalString } from '@countersign/protocol'
import { assertServerStore, type ServerStore } from '../stores/server-store.ts'
import { keyCustody } from '../keys/key-custody.ts'
import { signerOptions, type Signers } from '../keys/signer.ts'
import { deriveKeys } from '../secrets/derived-keys.ts'
import { assertMasterKeys, type MasterKey } from '../secrets/master-key.ts'
import { clientAdministration, type ClientAdministration } from './client-administration.ts'
import {
  credentialAdministration,
  type CredentialAdministration,
} from './credential-administration.ts'
import { explanationAdministration, type ExplanationAdministration } from './explanation.ts'
import { keyAdministration, type KeyAdministration } from './key-administration.ts'
import { registryEditor } from './registry-editor.ts'
import {
  revocationAdministration,
  type RevocationAdministration,
} from './revocation-administration.ts'
import { resourceAdministration, type ResourceAdministration } from './resource-administration.ts'
import { scopeUsageAdministration, type ScopeUsageAdministration } from './scope-usage.ts'
import {
  trustedIssuerAdministration,
  type TrustedIssuerAdministration,
} from './trusted-issuer-administration.ts'

/** What an administration works on: the same store and master keys as the server's. */
export interface AdministrationOptions {
  readonly store: ServerStore
  readonly masterKeys: readonly MasterKey[]
  /** Those of the server: a signing key that belongs in one is made there. */
  readonly signers?: Signers
  /** How long a signer may take, in milliseconds. Default 2,000. */
  readonly signerTimeout?: number
  /** Who makes the changes: stands in the audit log beside each. */
  readonly actor?: string
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/** Everything a person may change in the registry. */
export interface Administration
  extends
    ClientAdministration,
    CredentialAdministration,
    TrustedIssuerAdministration,
    ResourceAdministration,
    KeyAdministration,
    RevocationAdministration,
    ScopeUsageAdministration,
    ExplanationAdministration {}

/**
 * Changes the registry of a server: clients, credentials, trusted issuers, resources, grants,
 * signing keys.
 *
 * It works on the store, so the server may run elsewhere or not at all; a running one sees a change
 * within its `followInterval`. Changes that cannot be made reject with `AdministrationError`, wrong
 * arguments with `ArgumentError`. It holds nothing open.
 *
 * Each change is in the audit log, written with it: there is both or neither. Only where the log lives
 * elsewhere than the registry can a change be made and the log fail: `ServerError` of `ERR_AUDIT`, with
 * `applied: true`. A secret that was made then is not shown; rotate it.
 */
export function createAdministration(options: AdministrationOptions): Administration {
  const caller = 'createAdministration'
  assertKnownOptions(caller, options, [
    'store',
    'masterKeys',
    'signers',
    'signerTimeout',
    'actor',
    'now',
  ])
  const { store, masterKeys } = options
  assertServerStore(caller, store)
  assertMasterKeys(caller, masterKeys)
  const now = optionalFunction(caller, 'now', options.now, Date.now)
  const keyRing = deriveKeys(masterKeys)
  const custody = keyCustody({ keyRing, ...signerOptions(caller, options) })
  const editor = registryEditor({
    store: store.registry,
    audit: store.audit,
    actor: optionalString(caller, 'actor', options.actor),
    keyRing,
    custody,
    now,
  })
  return {
    ...clientAdministration(editor, store.usage),
    ...credentialAdministration(editor),
    ...trustedIssuerAdministration(editor),
    ...resourceAdministration(editor),
    ...keyAdministration(editor),
    ...revocationAdministration(editor),
    ...scopeUsageAdministration(editor, store.usage),
    ...explanationAdministration(store.audit),
  }
}
