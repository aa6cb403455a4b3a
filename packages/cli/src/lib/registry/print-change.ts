import type { Administration } from '@countersign/server'
import type { Call } from '../command.ts'
import { EXIT_CODES } from '../errors/exit-codes.ts'
import { withAdministration } from './open-registry.ts'

/** What a command says of the change it made: to programs and to people. */
export interface ChangeReport {
  readonly json: object
  /** One line or more, the last with its end. */
  readonly text: string
}

/** Makes a change of the registry that a call names, and prints what `report` says of it. */
export async function printChange<T>(
  call: Call,
  change: (administration: Administration) => Promise<T>,
  report: (result: T) => ChangeReport,
): Promise<number> {
  const { json, text } = report(await withAdministration(call, change))
  call.io.stdout(call.json ? `${JSON.stringify(json)}\n` : text)
  return EXIT_CODES.ok.code
}
