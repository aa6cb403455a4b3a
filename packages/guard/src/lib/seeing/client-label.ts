/** What stands for every client beyond those that have a label of their own. */
const OTHER_CLIENT = '_OTHER'

/** Longest identifier that is a label, in characters. */
const MAX_LENGTH = 256

/**
 * Gives each client its label: its identifier for the first `limit` of them, then `_OTHER`.
 *
 * Each label is a series in whatever stores metrics, so there must be an end to them. To be asked about
 * verified tokens only: strangers would use the labels up.
 */
export function clientLabels(limit: number): (clientId: string) => string {
  const known = new Set<string>()
  return (clientId) => {
    if (known.has(clientId)) return clientId
    if (known.size >= limit || clientId.length > MAX_LENGTH) return OTHER_CLIENT
    known.add(clientId)
    return clientId
  }
}
