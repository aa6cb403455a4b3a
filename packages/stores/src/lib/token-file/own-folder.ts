import { chmod, lstat, mkdir } from 'node:fs/promises'

/**
 * Makes sure of a folder that belongs to this user and is open to nobody else.
 *
 * Throws: an error with the code `ERR_TOKEN_FOLDER` where it is another's, a link or no folder.
 */
export async function ownFolder(folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  // Of a link, the link itself: whoever may change it could lead us elsewhere.
  const found = await lstat(folder)
  const mine = process.getuid?.() ?? found.uid
  if (!found.isDirectory() || found.uid !== mine) throw notOwn(folder)
  const isOpen = process.platform !== 'win32' && (found.mode & 0o077) !== 0
  if (isOpen) await chmod(folder, 0o700)
}

function notOwn(folder: string): Error {
  const message = `fileTokenStore: ${folder} is not a folder of this user's own`
  return Object.assign(new Error(message), { code: 'ERR_TOKEN_FOLDER' })
}
