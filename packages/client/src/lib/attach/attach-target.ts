import { ArgumentError, isSecureUrl } from '@countersign/protocol'
import { AttachError } from '../errors/token-error.ts'

/**
 * Checks that a token may go there.
 *
 * Throws: `ERR_INSECURE_URL` for plain http to anywhere but a loopback address;
 * `ERR_ORIGIN_NOT_ALLOWED` outside `origins`, where those are given.
 * Source: RFC 6750 section 5.3.
 */
export function assertAttachTarget(url: URL, origins: ReadonlySet<string> | undefined): void {
  if (!isSecureUrl(url)) {
    const message = `a call to ${url.origin} would carry a token in clear`
    const hint = 'Use https; plain http is for loopback addresses only'
    throw new AttachError('ERR_INSECURE_URL', message, { phase: 'attach', hint })
  }
  if (origins === undefined || origins.has(url.origin)) return
  const message = `${url.origin} is not among the allowed origins`
  const hint = 'Add it to origins, or call it without a token'
  throw new AttachError('ERR_ORIGIN_NOT_ALLOWED', message, { phase: 'attach', hint })
}

/** The `origins` option as a set, `undefined` where it was left out. Throws: `ArgumentError`. */
export function allowedOrigins(caller: string, origins: unknown): ReadonlySet<string> | undefined {
  if (origins === undefined) return undefined
  if (!Array.isArray(origins)) {
    const message = `${caller}: 'origins' must be a list`
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'origins', message)
  }
  return new Set(
    origins.map((text: unknown, index) => {
      const url = typeof text === 'string' ? URL.parse(text) : null
      if (url !== null && url.origin !== 'null' && url.href === `${url.origin}/`) return url.origin
      const message = `${caller}: 'origins[${index}]' must be an origin such as https://api.example.com`
      throw new ArgumentError('ERR_ARGUMENT_VALUE', `origins[${index}]`, message)
    }),
  )
}
