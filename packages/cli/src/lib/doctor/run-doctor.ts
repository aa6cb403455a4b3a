import { parseSecureUrl } from '@countersign/protocol'
import type { Call } from '../command.ts'
import { usageFailure } from '../errors/command-failure.ts'
import { EXIT_CODES } from '../errors/exit-codes.ts'
import { clientOptions } from '../token/client-options.ts'
import { checkApi } from './check-api.ts'
import { checkContents } from './check-contents.ts'
import { checkServer, type Asking } from './check-server.ts'
import { checkToken } from './check-token.ts'
import { skipped, type Finding } from './finding.ts'

/** `countersign doctor`: every check in order, each printed as it is done. */
export async function runDoctor(call: Call): Promise<number> {
  const { arguments: given, io, now, json } = call
  const api = apiUrl(given.text('api'))
  const options = clientOptions(call)
  const asking: Asking = {
    fetch: io.fetch ?? globalThis.fetch,
    now,
    timeout: options.timeout ?? 10_000,
  }
  const all: Finding[] = []
  const found = (findings: readonly Finding[]): void => {
    all.push(...findings)
    if (!json) io.stdout(findings.map(findingText).join(''))
  }

  const server =
    options.issuer === undefined ? undefined : await checkServer(options.issuer, asking)
  found(server?.findings ?? [])
  const { findings, token } =
    server !== undefined && server.metadata === undefined && options.tokenEndpoint === undefined
      ? { findings: [skipped('token', 'it is not known where to ask')], token: undefined }
      : await checkToken(options, server?.metadata)
  found(findings)
  if (token !== undefined) found(await checkContents(token, options, server?.metadata, asking))
  if (api !== undefined) found(await checkApi(api, token, asking))

  const problems = all.filter(({ state }) => state === 'problem').length
  io.stdout(
    json ? `${JSON.stringify({ healthy: problems === 0, findings: all })}\n` : summary(problems),
  )
  return problems === 0 ? EXIT_CODES.ok.code : EXIT_CODES.unhealthy.code
}

function apiUrl(text: string | undefined): URL | undefined {
  if (text === undefined) return undefined
  const url = parseSecureUrl('api', text)
  if (url.ok) return url.value
  throw usageFailure(
    `the API's address ${url.reason}`,
    'Write it as --api https://api.example.com/orders',
  )
}

const MARKS: Readonly<Record<Finding['state'], string>> = {
  ok: 'ok      ',
  note: 'note    ',
  problem: 'PROBLEM ',
  skipped: 'skipped ',
}

function findingText({ check, state, says, cure }: Finding): string {
  const line = `${MARKS[state]} ${check.padEnd(10)} ${says}\n`
  return cure === undefined ? line : `${line}${' '.repeat(20)}cure: ${cure}\n`
}

function summary(problems: number): string {
  if (problems === 0) return '\nNo problem was found.\n'
  return problems === 1 ? '\n1 problem was found.\n' : `\n${problems} problems were found.\n`
}
