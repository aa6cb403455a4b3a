import { TransportError, type ErrorPhase } from './token-error.ts'

/**
 * Turns what a `fetch` rejected with into a `TransportError`.
 *
 * The rejection itself is not kept as `cause`: HTTP libraries hang whole requests on their errors,
 * headers and secrets included. Of it all, only a system error code such as `ECONNREFUSED` is taken.
 */
export function networkFailure(
  rejection: unknown,
  {
    url,
    phase,
    timeout,
  }: { readonly url: URL; readonly phase: ErrorPhase; readonly timeout: number },
): TransportError {
  if (isTimeout(rejection)) {
    const message = `${url.origin} did not answer within ${timeout} ms`
    return new TransportError('ERR_TIMEOUT', message, { phase })
  }
  const code = systemCode(rejection)
  const message = `${url.origin} could not be reached${code === undefined ? '' : ` (${code})`}`
  return new TransportError('ERR_NETWORK', message, { phase, hint: HINTS[code ?? ''] })
}

const HINTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens there: is the server running?',
  ENOTFOUND: 'The host name does not resolve: check it and the DNS.',
  EAI_AGAIN: 'The host name could not be resolved right now.',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'Its certificate is self-signed: trust its CA with NODE_EXTRA_CA_CERTS.',
  SELF_SIGNED_CERT_IN_CHAIN: 'Its CA is not trusted: name it with NODE_EXTRA_CA_CERTS.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'Its CA is not trusted: name it with NODE_EXTRA_CA_CERTS.',
  CERT_HAS_EXPIRED: 'Its certificate has expired.',
}

function isTimeout(rejection: unknown): boolean {
  return (
    typeof rejection === 'object' &&
    rejection !== null &&
    'name' in rejection &&
    rejection.name === 'TimeoutError'
  )
}

function systemCode(rejection: unknown): string | undefined {
  let error = rejection
  for (let depth = 0; depth < 5 && typeof error === 'object' && error !== null; depth++) {
    const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown }
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,40}$/.test(code)) return code
    error = cause ?? (Array.isArray(errors) ? (errors[0] as unknown) : undefined)
  }
  return undefined
}
