import {
  ArgumentError,
  assertKnownOptions,
  parseScope,
  type Challenge,
} from '@countersign/protocol'
import { networkFailure } from '../errors/network-failure.ts'
import { challengesOf } from '../http/challenges.ts'
import { deadline } from '../http/deadline.ts'
import type { FetchFunction } from '../http/fetch-function.ts'
import { waitFor } from '../reuse/wait-for.ts'

/** What an API says to a caller without a token. */
export interface ResourceChallenge {
  /** Where its metadata is, as it says; not checked. */
  readonly resourceMetadata: string | undefined
  /** The scopes it asks for. */
  readonly scope: readonly string[] | undefined
}

/** How an API is called without a token, where not by a plain GET. Holds no credential. */
export interface ResourceProbe {
  readonly method: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Checks an option `probe`. Throws: `ArgumentError` of `caller`, also where it holds a credential. */
export function assertProbe(caller: string, probe: unknown): void {
  if (probe === undefined) return
  const { method, headers } = (probe ?? {}) as Partial<ResourceProbe>
  if (typeof method !== 'string') {
    const message = `${caller}: 'probe' must be a request with a 'method'`
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'probe', message)
  }
  assertKnownOptions(caller, probe, ['method', 'headers', 'body'])
  for (const name of Object.keys(headers ?? {})) {
    if (!/^(authorization|cookie)$/i.test(name)) continue
    const message = `${caller}: 'probe' must hold no '${name}': the API is not known yet`
    throw new ArgumentError('ERR_ARGUMENT_VALUE', `probe.headers.${name}`, message)
  }
}

/**
 * Calls an API without a token, to be told by its 401 where to get one.
 *
 * Only the answer's head is read, and redirects are not followed. Any other answer says nothing.
 * Source: RFC 9728 section 5.1; RFC 6750 section 3.
 *
 * Throws: `ERR_NETWORK`, `ERR_TIMEOUT`. When `signal` is aborted, rejects with its reason.
 */
export async function askForChallenge(
  url: URL,
  {
    fetch,
    timeout,
    signal,
    probe,
  }: {
    readonly fetch: FetchFunction
    readonly timeout: number
    readonly signal: AbortSignal | undefined
    readonly probe: ResourceProbe | undefined
  },
): Promise<ResourceChallenge> {
  const time = deadline(timeout)
  const ends = signal === undefined ? time.signal : AbortSignal.any([signal, time.signal])
  const head = async (): Promise<Response> => {
    const answer = await fetch(url, { ...probe, redirect: 'manual', signal: ends })
    answer.body?.cancel().catch(() => {})
    return answer
  }
  let response: Response
  try {
    // A `fetch` of the caller's own may not look at its signal.
    response = await waitFor(head(), ends)
  } catch (rejection) {
    if (signal?.aborted === true) throw signal.reason
    throw networkFailure(rejection, { url, phase: 'discovery', timeout })
  } finally {
    time.clear()
  }
  const said = response.status === 401 ? challengesOf(response.headers) : undefined
  return readChallenge(said ?? [])
}

function readChallenge(challenges: readonly Challenge[]): ResourceChallenge {
  const own = challenges.filter(({ scheme }) => /^(bearer|dpop)$/i.test(scheme))
  const parameter = (name: string): string | undefined =>
    own.map(({ parameters }) => parameters.get(name)).find((value) => value !== undefined)
  const scope = parseScope(parameter('scope'))
  return {
    resourceMetadata: parameter('resource_metadata'),
    scope: scope.ok && scope.value.length > 0 ? scope.value : undefined,
  }
}
