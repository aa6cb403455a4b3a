import {
  ArgumentError,
  formatBasicCredentials,
  optionalFunction,
  requiredString,
} from '@countersign/protocol'

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
