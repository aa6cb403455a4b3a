/**
 * The `countersign` command as a function, for those who drive it from a program or a test.
 *
 * @module
 */
export { EXIT_CODES, type ExitCode, type ExitName } from './lib/errors/exit-codes.ts'
export { type Io } from './lib/io.ts'
export { run } from './lib/run.ts'
