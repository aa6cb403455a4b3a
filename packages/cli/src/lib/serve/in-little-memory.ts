import { setFlagsFromString } from 'node:v8'

/**
 * Does `work` without letting the space for new objects grow, and lets it grow again afterwards.
 *
 * What is read at the start stays. V8 takes that for a sign that much lives long, makes the space for
 * new objects several times as large, and never gives that back.
 */
export async function inLittleMemory<T>(work: () => Promise<T>): Promise<T> {
  setFlagsFromString('--semi-space-growth-factor=1')
  try {
    return await work()
  } finally {
    setFlagsFromString('--semi-space-growth-factor=2')
  }
}
