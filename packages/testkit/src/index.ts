/**
 * What tests of code that gets, issues or checks tokens need: real servers on loopback and a clock
 * turned by hand.
 *
 * @module
 */
export { memoryStore } from '@countersign/stores/memory'
export { handClock, type HandClock } from './lib/hand-clock.ts'
export {
  startListener,
  startLoopbackServer,
  type LoopbackHandler,
  type LoopbackServer,
  type ReceivedRequest,
} from './lib/loopback-server.ts'
export {
  startAuthorizationServer,
  type RunningAuthorizationServer,
  type StartAuthorizationServerOptions,
  type StartingClient,
  type StartingResource,
} from './lib/authorization-server.ts'
