import { isSameResource, resourceMetadataUrl } from './resource-metadata.ts'

/** Where an API without a pointer publishes its metadata, and which resource that may speak of. */
export interface ResourceProfile {
  /** The places, in the order they are tried: the next one after a 404. */
  readonly places: (api: URL) => readonly URL[]
  readonly isRight: (resource: string, called: string) => boolean
}

/** Exactly the URL that was called. Source: RFC 9728 sections 3.1 and 3.3. */
export const EXACT_RESOURCE: ResourceProfile = {
  places: (api) => [resourceMetadataUrl(api)],
  isRight: isSameResource,
}

/**
 * As the MCP specification and its SDK have it: the URL that was called, or one of the same origin
 * whose path encloses it; and where nothing is published for the path, what the root publishes.
 *
 * A server that shares its origin with others can so have tokens asked for that are good for all of
 * them. It can name no other origin. Source: MCP authorization 2025-11-25, "Protected Resource
 * Metadata Discovery Requirements".
 */
export const MCP_RESOURCE: ResourceProfile = {
  places: (api) => {
    const own = resourceMetadataUrl(api)
    const root = resourceMetadataUrl(new URL('/', api))
    return own.href === root.href ? [own] : [own, root]
  },
  isRight: (resource, called) => isSameResource(resource, called) || encloses(resource, called),
}

/** Whether `called` is at `resource` or below it. Compared as text, so that nothing resolves on the way. */
function encloses(resource: string, called: string): boolean {
  const { origin, pathname } = new URL(called)
  if (URL.parse(resource)?.origin !== origin) return false
  return withSlash(origin + pathname).startsWith(withSlash(resource))
}

function withSlash(text: string): string {
  return text.endsWith('/') ? text : `${text}/`
}
