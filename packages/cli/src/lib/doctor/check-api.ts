import type { AccessToken } from '@countersign/client'
import { formatTokenAuthorization } from '@countersign/protocol'
import { apiFailure } from '../token/api-failure.ts'
import { failureCode, type Asking } from './check-server.ts'
import { note, ok, problem, skipped, type Finding } from './finding.ts'

/**
 * Calls an API without a token and with one: it must refuse the first with a challenge and take the
 * second. Source: RFC 6750 section 3.
 */
export async function checkApi(
  url: URL,
  token: AccessToken | undefined,
  asking: Asking,
): Promise<readonly Finding[]> {
  const without = await call(url, undefined, asking)
  if (typeof without === 'string') {
    return [
      problem('api', `it cannot be reached (${without})`, 'Check that it runs and the address'),
    ]
  }
  return [guardFinding(without), await tokenFinding(url, token, asking)]
}

async function call(
  url: URL,
  token: AccessToken | undefined,
  { fetch, timeout }: Asking,
): Promise<Response | string> {
  try {
    const headers: Record<string, string> =
      token === undefined
        ? {}
        : { authorization: formatTokenAuthorization(token.type, token.value) }
    const response = await fetch(url, {
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeout),
    })
    await response.body?.cancel()
    return response
  } catch (error) {
    return failureCode(error)
  }
}

function guardFinding({ status, headers }: Response): Finding {
  if (status === 401 && headers.has('www-authenticate')) {
    return ok('guard', 'without a token the API answers 401 and a challenge')
  }
  if (status === 401) {
    return note(
      'guard',
      'without a token the API answers 401 with no WWW-Authenticate',
      'Send the challenge: clients find out from it what is wanted',
    )
  }
  if (status >= 200 && status < 300) {
    return note(
      'guard',
      `without a token the API answers ${status}`,
      'Check that this path is meant to be open',
    )
  }
  return note(
    'guard',
    `without a token the API answers ${status}`,
    'Expected 401: check the address',
  )
}

async function tokenFinding(
  url: URL,
  token: AccessToken | undefined,
  asking: Asking,
): Promise<Finding> {
  if (token === undefined) return skipped('call', 'there is no token to call it with')
  if (!/^bearer$/i.test(token.type)) return skipped('call', 'the token is bound to a key')
  const response = await call(url, token, asking)
  if (typeof response === 'string') return problem('call', `no answer (${response})`, 'Try again')
  if (response.ok) return ok('call', `with the token the API answers ${response.status}`)
  const { message, cure } = await apiFailure(response)
  return problem('call', message, cure)
}
