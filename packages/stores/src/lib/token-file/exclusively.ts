import { open, rm, stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

/** A lock held for so long was left behind by a process that ended, in milliseconds. */
const STALE = 5000
/** How long to wait for others, in milliseconds: longer than it takes for a lock to be stale. */
const PATIENCE = 8000

/**
 * Runs `work` while no other process does so for the same path. What is done must be a matter of
 * milliseconds.
 *
 * The lock is a file that one process alone can create. Who finds a stale one takes a second lock
 * before taking it away, so that it does not take away a fresh one that came in between.
 */
export async function exclusively<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`
  await acquire(lock)
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}

async function acquire(lock: string): Promise<void> {
  const started = performance.now()
  for (let pause = 1; !(await create(lock)); pause = Math.min(pause * 2, 25)) {
    if (performance.now() - started > PATIENCE) {
      throw Object.assign(new Error('fileTokenStore: a lock was not given'), { code: 'ETIMEDOUT' })
    }
    if (await isStale(lock)) await takeAway(lock)
    else await delay(pause * (0.5 + Math.random()))
  }
}

async function takeAway(lock: string): Promise<void> {
  const second = `${lock}.stale`
  if (!(await create(second))) {
    if (await isStale(second)) await rm(second, { force: true })
    return
  }
  try {
    if (await isStale(lock)) await rm(lock, { force: true })
  } finally {
    await rm(second, { force: true })
  }
}

async function create(file: string): Promise<boolean> {
  try {
    await (await open(file, 'wx', 0o600)).close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function isStale(file: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(file)
    return Math.abs(Date.now() - mtimeMs) > STALE
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
