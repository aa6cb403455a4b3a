import { spawnSync } from 'node:child_process'

/** Whether this machine has a program. Says so out loud where it has not: its tests are skipped. */
export function hasProgram(program: string, name: string = program): boolean {
  const { status } = spawnSync(program, [program.endsWith('openssl') ? 'version' : '--version'])
  if (status !== 0) console.log(`skipped: no ${name}`)
  return status === 0
}
