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
  const { mode, uid, ...stats } = await lstat(folder).then((found) => ({
    mode: found.mode,
    uid: found.uid,
    isFolder: found.isDirectory(),
  }))
  const mine = process.getuid?.() ?? uid
  if (!stats.isFolder || uid !== mine) throw notOwn(folder)
  const isOpen = process.platform !== 'win32' && (mode & 0o077) !== 0
  if (isOpen) await chmod(folder, 0o700)
}

function notOwn(folder: string): Error {
  const message = `fileTokenStore: ${folder} is not a folder of this user's own`
  return Object.assign(new Error(message), { code: 'ERR_TOKEN_FOLDER' })
}
