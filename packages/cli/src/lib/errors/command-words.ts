import type { OptionDefinitions } from '../command.ts'

/** What an option of the packages is called on the command line. */
const NAMES: Readonly<Record<string, string>> = {
  issuer: '--issuer',
  tokenEndpoint: '--token-endpoint',
  clientId: 'the client ID',
  clientSecret: 'the client secret',
  authMethod: '--auth-method',
  basicEncoding: '--basic-encoding',
  scope: '--scope',
  scopes: '--scope',
  resource: 'the resource',
  audience: '--audience',
  parameters: '--parameter',
  timeout: '--timeout',
  overlap: '--overlap',
  announce: '--announce',
  tokenLifetimeSeconds: '--lifetime',
  name: '--name',
  label: '--label',
  signingAlgorithm: '--alg',
  algorithm: '--alg',
  alg: '--alg',
  tokenFormat: '--format',
  senderConstraint: '--bound',
  introspectionClients: '--introspect',
  authorizationDetails: '--details-schema',
  authorizationDetailsTypes: '--details',
  publicKey: '--public-key',
  jwksUri: '--jwks-uri',
  jwks: '--jwks',
  certificate: '--certificate',
  subject: '--subject',
  claims: '--claim',
  expiresAt: '--expires',
  secret: 'the secret',
  value: 'the name in the certificate',
  methods: 'the methods',
  jti: 'the ID',
  correlationId: 'the ID',
  trustedProxies: '--trusted-proxy',
  mtlsOrigin: '--mtls-origin',
  'headers.authorization': '--header',
  input: 'the URL',
}

/** Names that no English sentence holds by chance: they are replaced without quotes, too. */
const UNMISTAKABLE =
  /\b(?:tokenEndpoint|clientId|clientSecret|authMethod|basicEncoding|tokenLifetimeSeconds)\b/g

/**
 * A text of one of the packages in the words of the command line: `authMethod` is `--auth-method`.
 *
 * With the `options` of a command, one that it does not have is a thing, not an option: `the issuer`,
 * where the issuer is an operand. Nobody is sent to look for an option that is not there.
 */
export function toCommandWords(text: string, options?: OptionDefinitions): string {
  const inWords = (name: string): string => wordsFor(name, options)
  return text
    .replaceAll(/'([A-Za-z.]+)(?:\[\d+\])?'/g, (quoted, name: string) =>
      Object.hasOwn(NAMES, name) ? inWords(name) : quoted,
    )
    .replaceAll('must be null, or some of', 'must be some of')
    .replaceAll("a list of scopes, such as ['orders:read']", 'scopes, such as orders:read')
    .replaceAll(
      /\b([Cc]heck|[Ss]et) issuer\b/g,
      (_, verb: string) => `${verb} ${inWords('issuer')}`,
    )
    .replaceAll(UNMISTAKABLE, inWords)
}

function wordsFor(name: string, options: OptionDefinitions | undefined): string {
  const words = NAMES[name] ?? name
  if (options === undefined || !words.startsWith('--')) return words
  const option = words.slice(2)
  return Object.hasOwn(options, option) ? words : `the ${option.replaceAll('-', ' ')}`
}
