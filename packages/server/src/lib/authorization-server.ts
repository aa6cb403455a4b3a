import { serverRoutes } from './endpoints/server-routes.ts'
import type { Readiness } from './endpoints/health-endpoint.ts'
import { toFetch } from './http/answer.ts'
import type { Connection } from './http/connection.ts'
import { dispatcher } from './http/dispatcher.ts'
import { inFlight } from './http/in-flight.ts'
import { keyCustody } from './keys/key-custody.ts'
import { operation } from './operation/operation.ts'
import { liveRegistry } from './registry/live-registry.ts'
import { deriveKeys } from './secrets/derived-keys.ts'
import { readServerOptions, type AuthorizationServerOptions } from './server-options.ts'
import { housekeeping } from './stores/housekeeping.ts'
import { provenReplayStore } from './stores/proven-replay-store.ts'
import { accessTokenIssuer } from './tokens/access-token-issuer.ts'

/** An OAuth 2.0 authorization server for machines. */
export interface AuthorizationServer extends AsyncDisposable {
  readonly issuer: string
  /**
   * Answers any request; never rejects. Below the issuer stand `/token`, `/introspect`, `/revoke`,
   * `/revocations`, `/usage`, `/jwks`, `/health/live` and `/health/ready`; the metadata is at the three well-known
   * places. Where a client may prove itself with a
   * certificate, `connection` says what came by the socket; `nodeListener` does that by itself.
   */
  fetch(request: Request, connection?: Connection): Promise<Response>
  /**
   * Resolves once the registry is in memory and there is a key to sign with; the first server on an
   * empty store makes one. `fetch` waits for it by itself.
   *
   * Rejects where the store cannot be read, or where no signing key opens with the master keys; a
   * later call tries again.
   */
  ready(): Promise<void>
  /** Takes in at once what changed in the store, which otherwise is seen within `followInterval`. */
  refresh(): Promise<void>
  /**
   * Whether the store has shown, by trial, that it tells a first use from a second. Client assertions
   * and DPoP are taken only then; until then the server tries again and again.
   */
  readonly replayProven: boolean
  /**
   * Answers any GET with the metrics of this server, in OpenMetrics text. It is a handler of its own, so
   * that it is on the port of `fetch` only where somebody puts it there.
   */
  metrics(request: Request): Promise<Response>
  /**
   * Says at `/health/ready` that no more requests should come, and goes on answering those that do. Call
   * it some seconds before `close`, for load balancers to notice.
   */
  drain(): void
  /**
   * Ends the server: later requests are answered with 503, those under way may finish for `deadline`
   * milliseconds (default 5,000), then what was counted and audited is stored. The store stays open.
   * A call meanwhile joins the one under way, whose deadline counts; a later one stores what could not be
   * stored before.
   */
  close(options?: { readonly deadline?: number }): Promise<void>
}

/**
 * Creates an authorization server: the client credentials grant, JWT or opaque access tokens.
 *
 * It has no port: hand `fetch` to anything that serves web-standard requests, or use `nodeListener`
 * of `@countersign/server/node`. JWTs are issued from memory: no store call is on their path.
 *
 * Throws: `ArgumentError`, at once, before any I/O.
 * Source: RFC 6749 section 4.4; RFC 8414; RFC 8707; RFC 9068.
 */
export function createAuthorizationServer(
  options: AuthorizationServerOptions,
): AuthorizationServer {
  const caller = 'createAuthorizationServer'
  const settings = readServerOptions(caller, options)
  const { issuer, store, now } = settings

  let draining = false
  const readiness = (): Readiness => {
    const { state, lastReadAt = -Infinity } = registry
    if (state === 'closed') return 'closed'
    if (draining) return 'draining'
    if (state === 'ready') return now() - lastReadAt > settings.staleAfter ? 'stale' : 'ready'
    // Whoever waits for readiness before the first request must not wait for ever.
    registry.ready().catch(() => {})
    return 'starting'
  }
  const { emit, ...running } = operation({
    store,
    now,
    listener: settings.listener,
    present: () => ({
      snapshot: registry.snapshot,
      lastReadAt: registry.lastReadAt,
      ready: registry.state === 'ready' && readiness() === 'ready',
      inFlight: requests.size,
      replayProven: replay.isProven,
    }),
  })
  const keyRing = deriveKeys(settings.masterKeys)
  const replay = provenReplayStore({ store: store.replay, now, emit })
  const chores = housekeeping({
    store,
    forgetMarks: (at) => registry.snapshot.forgetRevocations(at),
    auditRetention: settings.auditRetention,
    now,
    emit,
  })
  const registry = liveRegistry({
    store: store.registry,
    custody: keyCustody({ keyRing, ...settings.signing }),
    rotation: settings.rotation,
    followInterval: settings.followInterval,
    now,
    emit,
    prove: replay.prove,
    onReady: chores.start,
  })
  const requests = inFlight(
    dispatcher({
      routes: serverRoutes({
        settings,
        registry,
        keyRing,
        replay,
        issue: accessTokenIssuer(caller, options, {
          issuer,
          registry,
          opaqueTokens: store.opaqueTokens,
        }),
        readiness,
        emit,
      }),
      prepare: registry.prepare,
      onFailure: (error, correlationId) =>
        emit({ type: 'request.failed', at: now(), error, correlationId }),
    }),
  )

  let closing: Promise<void> | undefined

  async function end(deadline: number): Promise<void> {
    draining = true
    replay.close()
    chores.stop()
    await registry.close()
    await requests.idle(deadline)
    await running.close()
  }

  function close({ deadline = 5000 }: { readonly deadline?: number } = {}): Promise<void> {
    closing ??= end(deadline).finally(() => (closing = undefined))
    return closing
  }

  return {
    issuer,
    fetch: toFetch(requests.answerer),
    metrics: running.metrics,
    ready: registry.ready,
    refresh: registry.refresh,
    get replayProven() {
      return replay.isProven
    },
    drain() {
      draining = true
    },
    close,
    [Symbol.asyncDispose]: () => close(),
  }
}
