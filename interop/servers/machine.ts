import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Whether this machine has a program. Says so out loud where it has not: its tests are skipped. */
export function hasProgram(program: string, name: string = program): boolean {
  const { status } = spawnSync(program, [program.endsWith('openssl') ? 'version' : '--version'])
  if (status !== 0) console.log(`skipped: no ${name}`)
  return status === 0
}

/** {@link hasProgram} for one that does not say its version without starting. */
export function existsProgram(path: string, name: string): boolean {
  const exists = existsSync(path)
  if (!exists) console.log(`skipped: no ${name}`)
  return exists
}
