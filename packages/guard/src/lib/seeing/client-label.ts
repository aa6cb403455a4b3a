/** What stands for every client beyond those that have a label of their own. */
const OTHER_CLIENT = '_OTHER'

/** Longest identifier that is a label, in characters. */
const MAX_LENGTH = 256

/**
 * Gives each client of an issuer its label: its identifier for the first `limit` of them, then `_OTHER`.
 *
 * Each label is a series in whatever stores metrics, so there must be an end to them. To be asked about
 * verified tokens only: strangers would use the labels up.
 */
export function clientLabels(limit: number): (clientId: string, issuer: string) => string {
  const known = new Map<string, Set<string>>()
  let count = 0
  return (clientId, issuer) => {
    const ofIssuer = known.get(issuer) ?? new Set()
    if (ofIssuer.has(clientId)) return clientId
    if (count >= limit || clientId.length > MAX_LENGTH) return OTHER_CLIENT
    known.set(issuer, ofIssuer.add(clientId))
    count++
    return clientId
  }
}
