import { setFlagsFromString } from 'node:v8'

/**
 * Does `work` without letting the space for new objects grow, and lets it grow again afterwards.
 *
 * Where much outlives a collection V8 makes that space several times as large, up to 100 MB, and gives
 * little of it back. What is read at the start does so, and under load what requests under way hold. Tokens
 * cost as much with the space that a process starts with, over one connection or a thousand.
 */
export async function inLittleMemory<T>(work: () => Promise<T>): Promise<T> {
  setFlagsFromString('--semi-space-growth-factor=1')
  try {
    return await work()
  } finally {
    setFlagsFromString('--semi-space-growth-factor=2')
  }
}
