import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { OurServerAndApi } from '../servers/our-server-and-api.ts'

/** What a stranger's client says: of its token, and of the API it called with it. */
export interface ClientReport {
  readonly token_type?: string
  readonly expires_in?: number
  /** What the API answered. */
  readonly status?: number
  readonly body?: { readonly caller: string; readonly scopes: readonly string[] }
  /** What it made of a refusal by the token endpoint. */
  readonly error?: string
}

/**
 * Runs a program of this folder that asks for a token, calls the API with it and prints a report. It
 * reads from its environment where everything is, who it is, and `METHOD`, `SCOPE`, what else it needs.
 */
export async function runClient(
  command: readonly string[],
  { issuer, api, client }: Pick<OurServerAndApi, 'issuer' | 'api' | 'client'>,
  env: Readonly<Record<string, string>> = {},
): Promise<ClientReport> {
  const [file = '', ...args] = command
  const { stdout } = await promisify(execFile)(file, args, {
    timeout: 60_000,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      ISSUER: issuer,
      TOKEN_URL: `${issuer}/token`,
      API_URL: api,
      CLIENT_ID: client.clientId,
      CLIENT_SECRET: client.clientSecret,
      ...env,
    },
  })
  return JSON.parse(stdout) as ClientReport
}
