import {
  ArgumentError,
  assertKnownOptions,
  optionalFunction,
  optionalNumber,
  parseIssuer,
  type Issuer,
} from '@countersign/protocol'
import {
  AUTHENTICATION_SETTINGS,
  readAuthenticationSettings,
  type AuthenticationPolicy,
  type AuthenticationSettings,
} from './client-authentication/authentication-settings.ts'
import { safeListener, type EventListener } from './events.ts'
import { keyRotation, type KeyRotation } from './keys/key-plan.ts'
import { signerOptions, type Signers } from './keys/signer.ts'
import { assertMasterKeys, type MasterKey } from './secrets/master-key.ts'
import { assertServerStore, type ServerStore } from './stores/server-store.ts'
import type { TokenOptions } from './tokens/access-token-issuer.ts'

/** How to run an authorization server. */
export interface AuthorizationServerOptions extends TokenOptions, AuthenticationSettings {
  /** Its identifier: an https URL (http on loopback), a path allowed. Never change it. */
  readonly issuer: string
  /** Where everything is kept. The caller closes it. */
  readonly store: ServerStore
  /** The current master key first, then older ones that stored things still need. */
  readonly masterKeys: readonly MasterKey[]
  /**
   * When signing keys are replaced: by default every 90 days, the new one published 14 days before it
   * signs. `'off'`: by hand only. Either way the first key of an algorithm is made where a resource
   * needs it, and the private half of a key whose time is over is destroyed.
   */
  readonly keyRotation?: Partial<KeyRotation> | 'off'
  /** Where signing keys live that must not leave a KMS or HSM, each by a name that stays. */
  readonly signers?: Signers
  /** How long a signer may take, in milliseconds. Default 2,000. */
  readonly signerTimeout?: number
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
  /**
   * How often changes made elsewhere are looked for, in milliseconds. Default 500: every node obeys
   * within a second. A store that can tell is asked at once, besides.
   */
  readonly followInterval?: number
  /** How long the body of a request may take to arrive, in milliseconds. Default 10,000. */
  readonly bodyTimeout?: number
  /**
   * How old the registry in memory may get before the server says that it is not ready, in milliseconds.
   * Default a minute. Tokens are issued all the same.
   */
  readonly staleAfter?: number
  /** How long the audit log keeps an entry, in milliseconds. Default 90 days. */
  readonly auditRetention?: number
  /** Told of everything that happens. What it throws is dropped. */
  readonly onEvent?: EventListener
}

/** {@link AuthorizationServerOptions}, checked and complete; those of tokens apart. */
export interface ServerSettings {
  readonly issuer: Issuer
  readonly store: ServerStore
  readonly masterKeys: readonly MasterKey[]
  /** `undefined`: keys are replaced by hand only. */
  readonly rotation: KeyRotation | undefined
  readonly signing: { readonly signers: Signers; readonly timeout: number }
  readonly policy: AuthenticationPolicy
  readonly now: () => number
  readonly followInterval: number
  readonly bodyTimeout: number
  readonly staleAfter: number
  readonly auditRetention: number
  /** Never throws. */
  readonly listener: EventListener
}

const OPTION_NAMES: readonly (keyof AuthorizationServerOptions)[] = [
  'issuer',
  'store',
  'masterKeys',
  'keyRotation',
  'signers',
  'signerTimeout',
  'claims',
  'claimsTimeout',
  'reuseWindow',
  'now',
  'followInterval',
  'bodyTimeout',
  'staleAfter',
  'auditRetention',
  ...AUTHENTICATION_SETTINGS,
  'onEvent',
]

const DAY = 86_400_000

/** Checks the options of a server and puts the defaults in. Throws: `ArgumentError`, naming the option. */
export function readServerOptions(
  caller: string,
  options: AuthorizationServerOptions,
): ServerSettings {
  assertKnownOptions(caller, options, OPTION_NAMES)
  const { store, masterKeys } = options
  const issuer = parseIssuer(options.issuer)
  if (!issuer.ok) {
    throw new ArgumentError(
      options.issuer === undefined ? 'ERR_ARGUMENT_MISSING' : 'ERR_ARGUMENT_VALUE',
      'issuer',
      `${caller}: 'issuer' ${issuer.reason}`,
    )
  }
  assertServerStore(caller, store)
  assertMasterKeys(caller, masterKeys)
  return {
    issuer: issuer.value,
    store,
    masterKeys,
    now: optionalFunction(caller, 'now', options.now, Date.now),
    listener: safeListener(optionalFunction(caller, 'onEvent', options.onEvent, () => {})),
    followInterval: optionalNumber(caller, 'followInterval', options.followInterval, {
      fallback: 500,
      min: 10,
      max: 3_600_000,
    }),
    staleAfter: optionalNumber(caller, 'staleAfter', options.staleAfter, {
      fallback: 60_000,
      min: 1000,
      max: DAY,
    }),
    bodyTimeout: optionalNumber(caller, 'bodyTimeout', options.bodyTimeout, {
      fallback: 10_000,
      min: 10,
      max: 300_000,
    }),
    auditRetention: optionalNumber(caller, 'auditRetention', options.auditRetention, {
      fallback: 90 * DAY,
      min: 60_000,
      max: 36_500 * DAY,
    }),
    policy: readAuthenticationSettings(caller, options, issuer.value),
    signing: signerOptions(caller, options),
    rotation: keyRotation(caller, options.keyRotation),
  }
}
