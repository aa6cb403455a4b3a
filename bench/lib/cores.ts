import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** Whether a server and its load can be kept on a core each. */
const CAN_PIN: boolean =
  availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0

/** The core of a server under load; the load has {@link LOAD_CORE}. */
export const SERVER_CORE = '0'
export const LOAD_CORE = '1'

/** A command and its arguments, kept on one core where that can be had. */
export function pinned(core: string, command: readonly string[]): readonly string[] {
  return CAN_PIN ? ['taskset', '-c', core, ...command] : command
}

/** Where servers and load run, for people. */
export function coresText(): string {
  return CAN_PIN
    ? 'servers on core 0 (taskset), load on core 1'
    : 'servers and load NOT pinned (no taskset, or one core)'
}
