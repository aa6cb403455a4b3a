import { assertKnownOptions, optionalFunction } from '@countersign/protocol'
import { auth0Quota, type Auth0Quota } from './auth0-quota.ts'
import { demanded, secretOrProof, type Preset, type ProofOptions } from './preset.ts'
import { hostName } from './provider-address.ts'

/** An Auth0 tenant and the API that is called. */
export interface Auth0Options extends ProofOptions {
  /** The tenant's host name, or its custom domain: `shop.eu.auth0.com`. */
  readonly domain: string
  /** The API's identifier: without it Auth0 has no API to give a token for. */
  readonly audience: string
  /** The organization the token is for, where the client may act for several. */
  readonly organization?: string
  /**
   * Hears how much is left of the tenant's token quotas, with each answer that says so, the refusals
   * for want of quota included. What it throws is dropped.
   */
  readonly onQuota?: (quota: Auth0Quota) => void
}

/**
 * Auth0: `audience` is required; tokens live a day unless the API says otherwise.
 *
 * Auth0 counts and prices machine tokens: keep one client and let it hold its token.
 * Throws: `ArgumentError`. Source: Auth0 documentation, "Client Credentials Flow" and "Fine-Grained
 * Machine-to-Machine Token Quotas".
 */
export function auth0(options: Auth0Options): Preset {
  assertKnownOptions('auth0', options, [
    'domain',
    'audience',
    'organization',
    'onQuota',
    'clientAuthentication',
  ])
  const { clientAuthentication, organization, onQuota }: Auth0Options = options
  const tell = optionalFunction('auth0', 'onQuota', onQuota, undefined)
  const domain = hostName('auth0', 'domain', options.domain, 'shop.eu.auth0.com')
  const cure = "the API's identifier, from the API's settings in the Auth0 dashboard"
  return {
    issuer: `https://${domain}/`,
    tokenEndpoint: `https://${domain}/oauth/token`,
    audience: demanded('auth0', 'audience', options.audience, cure),
    ...(organization !== undefined && {
      parameters: {
        organization: demanded('auth0', 'organization', organization, "the organization's id"),
      },
    }),
    ...(tell !== undefined && {
      quirks: {
        readHeaders: (headers) => {
          const quota = auth0Quota(headers)
          try {
            if (quota !== undefined) tell(quota)
          } catch {
            // The answer is good, whatever the listener makes of its headers.
          }
        },
      },
    }),
    ...secretOrProof('client_secret_post', clientAuthentication),
  }
}
