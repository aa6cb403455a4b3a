import { isInRanges, isPublicAddress, parseIpAddress } from '@countersign/protocol'
import { LoadFailure } from './load-failure.ts'
import type { NodeHttp, NodeRequestOptions, NodeResponse } from './node-http.ts'
import {
  rangesOf,
  readPublicFetchOptions,
  type PublicFetchOptions,
} from './public-fetch-options.ts'
import { unlessAborted } from './unless-aborted.ts'

/**
 * A `fetch` for addresses that somebody else has written down: the keys of an issuer, the `jwks_uri` of
 * a client. It asks the public internet only, so that nobody can have a server behind a firewall
 * asked by us.
 *
 * A name is resolved once. When any of its addresses is not allowed, none is asked; otherwise the
 * connection is made to one of the very addresses that were looked at, so that a second answer of the
 * name server changes nothing. It follows no redirect, sends no credentials, uses no proxy, and does
 * GET alone. The body is read before the response is given.
 *
 * Rejects with {@link LoadFailure}: `forbidden_address`, `network`, `timeout`, `too_large`, `status`.
 * Throws: `ArgumentError`, naming the option; also on a runtime without node:https, whose own `fetch`
 * has to be used if its network keeps to the public internet.
 * Source: RFC 8725 section 3.10; RFC 7591 section 5; RFC 9728 section 7.7.
 */
export function publicFetch(options: PublicFetchOptions = {}): typeof globalThis.fetch {
  const { network, ranges, loopbackHttp, ca, resolve, timeout, maxBytes } =
    readPublicFetchOptions(options)
  const loopback = rangesOf(['127.0.0.0/8', '::1'])

  /** The addresses of a URL's host, all of which may be asked. */
  async function addressesOf(url: URL): Promise<readonly string[]> {
    if (url.username !== '' || url.password !== '') throw new LoadFailure('forbidden_address')
    const isPlain = url.protocol === 'http:'
    if (!(url.protocol === 'https:' || (isPlain && loopbackHttp))) {
      throw new LoadFailure('forbidden_address')
    }
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
    const addresses = parseIpAddress(host) === undefined ? await resolved(host) : [host]
    const isAllowed = (address: string): boolean =>
      isPlain
        ? isInRanges(address, loopback)
        : isPublicAddress(address) || isInRanges(address, ranges)
    if (!addresses.every(isAllowed)) throw new LoadFailure('forbidden_address')
    return addresses.slice(0, MAX_TRIES)
  }

  async function resolved(host: string): Promise<readonly string[]> {
    let addresses: readonly string[]
    try {
      addresses = await resolve(host)
    } catch {
      throw new LoadFailure('network')
    }
    if (addresses.length === 0) throw new LoadFailure('network')
    return addresses
  }

  async function load(url: URL, headers: Headers, signal: AbortSignal): Promise<Response> {
    const addresses = await addressesOf(url)
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
    const request: Omit<NodeRequestOptions, 'host'> = {
      port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
      path: url.pathname + url.search,
      headers: { ...Object.fromEntries(headers), host: url.host, 'accept-encoding': 'identity' },
      agent: false,
      ...(parseIpAddress(host) === undefined && { servername: host }),
      ...(ca !== undefined && { ca }),
    }
    const http = url.protocol === 'https:' ? network.https : network.http
    let failure: unknown
    for (const address of addresses) {
      if (signal.aborted) break
      try {
        return await readAnswer(await send(http, { ...request, host: address }, signal), maxBytes)
      } catch (error) {
        if (error instanceof LoadFailure) throw error
        failure = error
      }
    }
    throw failure
  }

  return async (input, init = {}) => {
    const url = typeof input === 'string' || input instanceof URL ? URL.parse(input) : null
    const { method = 'GET', body, headers, signal } = init
    if (url === null || method !== 'GET' || (body !== undefined && body !== null)) {
      throw new LoadFailure('forbidden_address')
    }
    const deadline = AbortSignal.timeout(timeout)
    const ends = signal ? AbortSignal.any([signal, deadline]) : deadline
    try {
      return await unlessAborted(load(url, new Headers(headers), ends), ends)
    } catch (error) {
      if (error instanceof LoadFailure) throw error
      // What went wrong on the way may name inner addresses: it is not passed on.
      throw new LoadFailure(ends.aborted ? 'timeout' : 'network')
    }
  }
}

/** Addresses of one name that are tried. */
const MAX_TRIES = 4

function send(
  http: NodeHttp,
  options: NodeRequestOptions,
  signal: AbortSignal,
): Promise<NodeResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<NodeResponse>()
  const request = http.request(options, resolve)
  request.on('error', reject)
  // This ends the body too, long after the promise is settled.
  signal.addEventListener('abort', () => request.destroy(), { once: true })
  request.end()
  return promise
}

async function readAnswer(answer: NodeResponse, maxBytes: number): Promise<Response> {
  const { statusCode: status = 0, rawHeaders } = answer
  const headers = new Headers()
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    headers.append(rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '')
  }
  const hasBody = status === 200
  if (!hasBody) answer.destroy()
  if (status < 200 || status > 599) throw new LoadFailure('status')
  if (!hasBody) return new Response(null, { status, headers })
  if (Number(headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(answer)
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of answer) {
    length += chunk.length
    if (length > maxBytes) throw tooLarge(answer)
    chunks.push(chunk)
  }
  const body = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    body.set(chunk, at)
    at += chunk.length
  }
  return new Response(body, { status, headers })
}

function tooLarge(answer: NodeResponse): LoadFailure {
  answer.destroy()
  return new LoadFailure('too_large')
}
