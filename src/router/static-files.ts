// Finds the file below a static directory that a path means, and opens it so that what was judged is what is served: links of a tenant,
// changed at any moment, lead to nothing outside of the directory. Answers no request; see static-answer.ts.
import { open, readlink, type FileHandle } from 'node:fs/promises'
import { codeOf } from '../errno.ts'

/** open(2): a descriptor that names a file without reading rights, and without waking a FIFO or a device. Node has no constant for it. */
const O_PATH = 0o10000000

export type Found = Readonly<{
  kind: 'file' | 'directory'
  /** Names the very file; /proc/self/fd/N opens it for reading. */
  handle: FileHandle
  size: number
  modifiedMs: number
}>

/**
 * Opens what is at a path below a directory.
 *
 * @param root  real path of the directory
 * @param below "" or a decoded path that begins with "/", bytes as latin-1
 * @returns undefined when there is nothing to be served: the caller closes `handle` otherwise
 */
export async function findInside(root: string, below: string): Promise<Found | undefined> {
  if (isHidden(below)) return undefined
  const handle = await open(pathOf(root, below), O_PATH).catch(nothingThere)
  if (handle === undefined) return undefined
  try {
    const found = await look(root, handle)
    if (found === undefined) await handle.close()
    return found
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function look(root: string, handle: FileHandle): Promise<Found | undefined> {
  // Where the kernel found it, all links followed; the root was resolved when the configuration was read and must still be the same place.
  const real = await readlink(`/proc/self/fd/${handle.fd}`, 'latin1')
  const rootBytes = Buffer.from(root, 'utf8').toString('latin1')
  const start = rootBytes === '/' ? '' : rootBytes
  if (real !== start && !real.startsWith(`${start}/`)) return undefined
  if (isHidden(real.slice(start.length))) return undefined
  const stats = await handle.stat()
  // A file without a name any more is of no directory.
  if (stats.nlink === 0) return undefined
  const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : undefined
  return kind && { kind, handle, size: stats.size, modifiedMs: stats.mtimeMs }
}

/** Names that begin with a dot (.htpasswd, .git, ..) and backslashes, which mean something elsewhere, are not served. */
function isHidden(below: string): boolean {
  return below.includes('/.') || below.includes('\\') || below.includes('\0')
}

// File names are bytes: those of the request.
const pathOf = (root: string, below: string): Buffer => Buffer.concat([Buffer.from(root), Buffer.from(below, 'latin1')])

const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EACCES'])

function nothingThere(error: unknown): undefined {
  if (ABSENT.has(codeOf(error) ?? '')) return undefined
  throw error
}
