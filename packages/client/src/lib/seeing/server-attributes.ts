import type { TelemetryAttributes } from './opentelemetry-api.ts'

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 }

/** Host and port of an address: neither path nor query, which may hold what must not be seen. */
export function serverAttributes(url: URL | null): TelemetryAttributes {
  if (url === null) return {}
  const port = url.port === '' ? DEFAULT_PORTS[url.protocol] : Number(url.port)
  return { 'server.address': url.hostname, ...(port !== undefined && { 'server.port': port }) }
}
