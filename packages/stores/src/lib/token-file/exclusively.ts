import { randomUUID } from 'node:crypto'
import { open, readFile, rm, stat } from 'node:fs/promises'
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
 * before taking it away, so that it does not take away a fresh one that came in between. Who was held
 * up until its lock was stale leaves the lock of the next one alone.
 */
export async function exclusively<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`
  const owner = randomUUID()
  await acquire(lock, owner)
  try {
    return await work()
  } finally {
    await release(lock, owner)
  }
}

async function acquire(lock: string, owner: string): Promise<void> {
  const started = performance.now()
  for (let pause = 1; !(await create(lock, owner)); pause = Math.min(pause * 2, 25)) {
    if (performance.now() - started > PATIENCE) {
      throw Object.assign(new Error('fileTokenStore: a lock was not given'), { code: 'ETIMEDOUT' })
    }
    if (await isStale(lock)) await takeAway(lock, owner)
    await delay(pause * (0.5 + Math.random()))
  }
}

async function release(lock: string, owner: string): Promise<void> {
  const holder = await readFile(lock, 'utf8').catch(() => undefined)
  if (holder === owner) await rm(lock, { force: true })
}

async function takeAway(lock: string, owner: string): Promise<void> {
  const second = `${lock}.stale`
  if (!(await create(second, owner))) {
    if (await isStale(second)) await rm(second, { force: true })
    return
  }
  try {
    if (await isStale(lock)) await rm(lock, { force: true })
  } finally {
    await rm(second, { force: true })
  }
}

async function create(path: string, owner: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(owner)
    } catch (error) {
      // On a full disk the file is there and empty: nobody would give that lock back.
      await rm(path, { force: true })
      throw error
    } finally {
      await file.close()
    }
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
