import { ArgumentError, assertKnownOptions } from '@countersign/protocol'
import type { Preset } from './preset.ts'

/** Which PayPal. */
export interface PaypalOptions {
  /** Default `false`: the live one. */
  readonly sandbox?: boolean
}

/**
 * PayPal's REST APIs. Tokens live about nine hours, and never quite the same.
 *
 * Throws: `ArgumentError`. Source: PayPal Developer, "Get an access token".
 */
export function paypal(options: PaypalOptions = {}): Preset {
  assertKnownOptions('paypal', options, ['sandbox'])
  const { sandbox = false }: PaypalOptions = options
  if (typeof sandbox !== 'boolean') {
    const message = "paypal: 'sandbox' must be true or false"
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'sandbox', message)
  }
  return {
    tokenEndpoint: `https://api-m.${sandbox ? 'sandbox.' : ''}paypal.com/v1/oauth2/token`,
    authMethod: 'client_secret_basic',
  }
}
