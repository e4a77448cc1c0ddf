// Opens a file of users or groups that lies where a tenant may change what it is, and reads it only when it may be read for that tenant.
import { constants } from 'node:fs'
import { open, readlink, type FileHandle } from 'node:fs/promises'
import { errnoOf } from '../errno.ts'
import { mayReadFor } from '../plan/credential-trust.ts'
import type { CredentialText, PathFacts } from '../plan/facts.ts'
import type { Identity } from '../plan/plan.ts'
import { pathWalker } from './walk-path.ts'

/** open(2): names a file without opening it, so that no FIFO holds us and no device begins anything. Node has no constant for it. */
const O_PATH = 0o10000000
// 15,000 users; more is a mistake, such as a log in the wrong place.
const largestFile = 1024 * 1024

/**
 * The text of the file, bytes as latin-1, or why there is none. Nothing is thrown for what somebody can get wrong.
 *
 * What is judged is what was opened: the descriptor stays the same file while names change around it.
 *
 * @param identity for whom it is read; null when wsgid is not root, which can then read nothing that it must not
 */
export async function readCredentialFile(
  path: string,
  identity: Identity | null,
  walk: (path: string) => Promise<PathFacts> = pathWalker(),
): Promise<CredentialText> {
  let named: FileHandle | undefined
  try {
    named = await open(path, O_PATH)
    const stats = await named.stat()
    if (!stats.isFile() || stats.size > largestFile) return refused('it is not a regular file of at most 1 MiB')
    const self = `/proc/self/fd/${named.fd}`
    if (identity !== null && !mayReadFor(identity, await walk(path), await walk(await readlink(self))))
      return refused(`user "${identity.userName}" cannot read it`)
    return { ok: true, text: await readBytes(self, stats.size) }
  } catch (error) {
    return refused(errnoOf(error))
  } finally {
    await named?.close()
  }
}

// Not more than was there: of files without a size, as in /proc, nothing.
async function readBytes(path: string, size: number): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, 0)
    return buffer.toString('latin1', 0, bytesRead)
  } finally {
    await file.close()
  }
}

const refused = (reason: string): CredentialText => ({ ok: false, reason })
