import {
  ArgumentError,
  assertKnownOptions,
  optionalFunction,
  optionalNumber,
  parseAddressRange,
  type AddressRange,
} from '@countersign/protocol'
import { MAX_DOCUMENT } from './fetch-json.ts'
import { nodeNetwork, type NodeNetwork } from './node-http.ts'

export interface PublicFetchOptions {
  /**
   * Addresses that may be asked although they are not on the public internet, such as `10.20.0.0/16`.
   * Default: none.
   */
  readonly allowedAddresses?: readonly string[]
  /** Lets plain http through to loopback addresses, for tests and development. Default false. */
  readonly loopbackHttp?: boolean
  /** Authorities, PEM, that are trusted in place of those of the runtime. */
  readonly ca?: string | readonly string[]
  /** Gives the addresses of a name. Default: what the system resolves it to. */
  readonly resolve?: (hostname: string) => Promise<readonly string[]>
  /** For everything, resolving and body included. Milliseconds, default 5,000, at most 60,000. */
  readonly timeout?: number
  /** Longest body. Bytes, default 512 KiB. */
  readonly maxBytes?: number
}

const CALLER = 'publicFetch'
const NAMES: readonly (keyof PublicFetchOptions)[] = [
  'allowedAddresses',
  'loopbackHttp',
  'ca',
  'resolve',
  'timeout',
  'maxBytes',
]

/** The options, checked and complete. */
export interface PublicFetchSettings {
  readonly network: NodeNetwork
  readonly ranges: readonly AddressRange[]
  readonly loopbackHttp: boolean
  readonly ca: string | string[] | undefined
  readonly resolve: (hostname: string) => Promise<readonly string[]>
  readonly timeout: number
  readonly maxBytes: number
}

/** Throws: `ArgumentError`, naming the option. */
export function readPublicFetchOptions(options: PublicFetchOptions): PublicFetchSettings {
  assertKnownOptions(CALLER, options, NAMES)
  const { allowedAddresses = [], loopbackHttp = false, ca, ...given }: PublicFetchOptions = options
  const network = nodeNetwork()
  if (network === undefined) {
    const message = `${CALLER}: this runtime has no node:https; use its own fetch`
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'options', message)
  }
  if (!Array.isArray(allowedAddresses)) throw invalid('allowedAddresses', 'must be a list')
  if (typeof loopbackHttp !== 'boolean') throw invalid('loopbackHttp', 'must be a boolean')
  if (ca !== undefined && ![ca].flat().every((one) => typeof one === 'string')) {
    throw invalid('ca', 'must be a PEM text or a list of them')
  }
  const { dns } = network
  const resolveByDns = async (hostname: string): Promise<readonly string[]> =>
    (await dns.lookup(hostname, { all: true })).map(({ address }) => address)
  const milliseconds = { fallback: 5000, min: 1, max: 60_000 }
  const bytes = { fallback: MAX_DOCUMENT, min: 1, max: 64 * 1024 * 1024 }
  return {
    network,
    ranges: rangesOf(allowedAddresses),
    loopbackHttp,
    ca: typeof ca === 'string' || ca === undefined ? ca : [...ca],
    resolve: optionalFunction(CALLER, 'resolve', given.resolve, resolveByDns),
    timeout: optionalNumber(CALLER, 'timeout', given.timeout, milliseconds),
    maxBytes: optionalNumber(CALLER, 'maxBytes', given.maxBytes, bytes),
  }
}

/** The ranges that texts name. Throws: `ArgumentError`, naming the option and the place in it. */
export function rangesOf(texts: readonly unknown[]): readonly AddressRange[] {
  return texts.map((text, index) => {
    const range = parseAddressRange(typeof text === 'string' ? text : '')
    if (!range.ok) throw invalid(`allowedAddresses[${index}]`, range.reason)
    return range.value
  })
}

function invalid(option: string, message: string): ArgumentError {
  return new ArgumentError('ERR_ARGUMENT_VALUE', option, `${CALLER}: '${option}' ${message}`)
}
