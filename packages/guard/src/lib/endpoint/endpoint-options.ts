import {
  ArgumentError,
  formatBasicCredentials,
  optionalFunction,
  optionalString,
  parseSecureUrl,
  requiredString,
} from '@countersign/protocol'

/** The address of an endpoint, where it is given. Throws: `ArgumentError` naming `endpoint`. */
export function readEndpoint(caller: string, value: unknown): string | undefined {
  const text = optionalString(caller, 'endpoint', value)
  if (text === undefined) return undefined
  const url = parseSecureUrl('endpoint', text)
  if (!url.ok) throw invalid(caller, 'endpoint', url.reason)
  return text
}

/**
 * How this API authenticates at an endpoint of the issuer: what gives the `Authorization` header.
 *
 * Throws: `ArgumentError`, in which no secret is.
 */
export function readAuthorize(
  caller: string,
  {
    clientSecret,
    authorize,
  }: {
    readonly clientSecret?: string
    readonly authorize?: () => string | Promise<string>
  },
  clientId: string,
): () => string | Promise<string> {
  if ((clientSecret === undefined) === (authorize === undefined)) {
    throw invalid(caller, 'clientSecret', "must be given, or 'authorize', and not both")
  }
  if (authorize !== undefined) return optionalFunction(caller, 'authorize', authorize, authorize)
  const secret = requiredString(caller, 'clientSecret', clientSecret)
  const basic = formatBasicCredentials({ clientId, clientSecret: secret })
  return () => basic
}

function invalid(caller: string, option: string, reason: string): ArgumentError {
  return new ArgumentError('ERR_ARGUMENT_VALUE', option, `${caller}: '${option}' ${reason}`)
}
