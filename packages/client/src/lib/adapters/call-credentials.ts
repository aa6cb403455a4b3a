import { ArgumentError, assertKnownOptions } from '@countersign/protocol'
import { assertSource } from '../assert-source.ts'
import { assertAttachTarget } from '../attach/attach-target.ts'
import { attachableToken } from '../attach/attachable-token.ts'
import { tokenHeader } from '../attach/presentable-token.ts'
import { isTokenError } from '../errors/token-error.ts'
import type { TokenSource } from '../token-source.ts'
import { attachSettings, type AttachOptions } from './attach-options.ts'

/** The part of `@grpc/grpc-js` that is used; hand in the module itself. */
export interface GrpcModule<Credentials, Metadata extends GrpcMetadata> {
  readonly credentials: {
    createFromMetadataGenerator(
      generate: (
        call: { service_url: string },
        done: (error: Error | null, metadata?: Metadata) => void,
      ) => void,
    ): Credentials
  }
  readonly Metadata: new () => Metadata
}

/** The part of gRPC metadata that is used. */
export interface GrpcMetadata {
  set(name: string, value: string): void
}

/**
 * gRPC call credentials: every call carries a token as `authorization` metadata, or is not made.
 *
 * gRPC sends them over TLS only, and ends a call it has no token for: with status `UNAVAILABLE`
 * where asking again may help, with `UNAUTHENTICATED` where it will not. Call credentials never see
 * how a call ended: put {@link retryUnauthenticated} around calls to have a refused token renewed.
 *
 * DPoP is not defined for gRPC: a token bound to a key ends the call. One bound to a certificate goes
 * over channels that present that certificate: declare it with `certificateThumbprint`.
 *
 * Throws: `ArgumentError`.
 *
 * @example
 * import * as grpc from '@grpc/grpc-js'
 * const channel = grpc.credentials.createSsl()
 * const credentials = grpc.credentials.combineChannelCredentials(
 *   channel,
 *   callCredentials(auth.source, grpc),
 * )
 */
export function callCredentials<Credentials, Metadata extends GrpcMetadata>(
  source: TokenSource,
  grpc: GrpcModule<Credentials, Metadata>,
  options: Omit<AttachOptions, 'onEvent'> = {},
): Credentials {
  // Nothing here would ever be told: an option that does nothing is refused.
  assertKnownOptions('callCredentials', options, ['origins', 'certificateThumbprint', 'now'])
  const { origins, now, thumbprint } = attachSettings('callCredentials', source, options)
  if (typeof grpc?.credentials?.createFromMetadataGenerator !== 'function') {
    const message = "callCredentials: 'grpc' must be the module @grpc/grpc-js"
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'grpc', message)
  }

  const carrier = { now, thumbprint, unproven: 'gRPC has no place for a DPoP proof' }

  async function generate(serviceUrl: string): Promise<Metadata> {
    assertAttachTarget(new URL(serviceUrl), origins)
    const token = await attachableToken(await source(), carrier)
    const metadata = new grpc.Metadata()
    metadata.set(...tokenHeader(token))
    for (const [name, value] of Object.entries(token.presentation?.headers ?? {})) {
      metadata.set(name, value)
    }
    return metadata
  }

  return grpc.credentials.createFromMetadataGenerator(({ service_url: serviceUrl }, done) => {
    generate(serviceUrl).then(
      (metadata) => done(null, metadata),
      (error: unknown) => done(asStatus(error)),
    )
  })
}

/**
 * Makes a call, and makes it once more with another token where it ended `UNAUTHENTICATED`.
 *
 * `call` must be one that can be made twice. The refused token is named to `source`, so many calls
 * that end so at once make one renewal; where there is no other token, the first error stands.
 *
 * @example
 * const invoice = await retryUnauthenticated(auth.source, () => getInvoice({ id: 7 }))
 */
export async function retryUnauthenticated<Result>(
  source: TokenSource,
  call: () => Promise<Result>,
): Promise<Result> {
  assertSource('retryUnauthenticated', source)
  const used = await source()
  try {
    return await call()
  } catch (error) {
    if ((error as { readonly code?: unknown } | null)?.code !== UNAUTHENTICATED) throw error
    const another = await source({ rejected: used }).catch(() => undefined)
    if (another === undefined || another.value === used.value) throw error
    return call()
  }
}

const UNAVAILABLE = 14
const UNAUTHENTICATED = 16

/** An error as gRPC reads it: a status number, and a message that goes into logs. */
function asStatus(error: unknown): Error {
  const status = new Error(isTokenError(error) ? error.message : 'the token source failed')
  const code = isTokenError(error) && error.retryable ? UNAVAILABLE : UNAUTHENTICATED
  return Object.assign(status, { code })
}
