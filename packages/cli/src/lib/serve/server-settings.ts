import type { AuthorizationServerOptions } from '@countersign/server'
import type { Call, OptionDefinitions } from '../command.ts'
import { usageFailure } from '../errors/command-failure.ts'

/** How clients may prove themselves to a server: options of `serve`. */
export const SERVER_OPTIONS: OptionDefinitions = {
  profile: {
    value: 'PROFILE',
    help: 'fapi2: keys and certificates only, and every token bound to its sender',
  },
  'client-certificates': {
    value: 'HEADER',
    help: 'How the proxy hands client certificates on: rfc9440 (Client-Cert) or nginx (X-SSL-Client-Cert and -Verify, as deploy/nginx.conf does)',
    default: 'none',
  },
  'trusted-proxy': {
    value: 'ADDRESS',
    repeats: true,
    help: 'With --client-certificates: an address or range that may say so',
    default: '127.0.0.1 and ::1',
  },
  'mtls-origin': {
    value: 'URL',
    help: 'With --client-certificates: the origin at which clients are asked for one',
    default: 'the issuer',
  },
}

type Settings = Pick<AuthorizationServerOptions, 'profile' | 'clientCertificates' | 'mtlsOrigin'>

/** The settings that a call gives. The server checks the rest. Throws: `CommandFailure` (usage). */
export function serverSettings({ arguments: given }: Call): Settings {
  const profile = given.text('profile')
  if (profile !== undefined && profile !== 'fapi2') {
    throw usageFailure('there is no such profile', 'Use --profile fapi2, or none')
  }
  const mtlsOrigin = given.text('mtls-origin')
  const certificates = clientCertificates(
    given.text('client-certificates'),
    given.list('trusted-proxy'),
  )
  return {
    ...(profile !== undefined && { profile }),
    ...(mtlsOrigin !== undefined && { mtlsOrigin }),
    ...(certificates !== undefined && { clientCertificates: certificates }),
  }
}

function clientCertificates(
  header: string | undefined,
  proxies: readonly string[],
): Settings['clientCertificates'] {
  const trustedProxies = proxies.length > 0 ? proxies : ['127.0.0.1', '::1']
  switch (header) {
    case undefined:
      return undefined
    case 'rfc9440':
      return { format: 'rfc9440', trustedProxies }
    case 'nginx':
      return {
        format: 'escaped-pem',
        header: 'x-ssl-client-cert',
        verified: { header: 'x-ssl-client-verify', value: 'SUCCESS' },
        trustedProxies,
      }
    default:
      throw usageFailure(
        '--client-certificates is one of rfc9440 and nginx',
        'Use the one that your proxy sends',
      )
  }
}
