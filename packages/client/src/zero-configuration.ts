/**
 * A client made from nothing but the address of an API.
 *
 * @module
 */
export {
  discoverResource,
  type DiscoveredResource,
  type DiscoverResourceOptions,
} from './lib/zero-configuration/discover-resource.ts'
export {
  createClientFor,
  type CreateClientForOptions,
  type IssuerCredentials,
} from './lib/zero-configuration/create-client-for.ts'
export { type ResourceProbe } from './lib/zero-configuration/resource-challenge.ts'
