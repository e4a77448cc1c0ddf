// Reads a text file of which root does not know yet whose it is. What it means is the caller's business.
import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { errnoOf } from '../errno.ts'

/** A text, or errno's name, or why wsgid does not read such a file. */
export type SmallFile = Readonly<{ ok: true; text: string }> | Readonly<{ ok: false; reason: string }>

/** @param largest in bytes: more is a mistake, such as a log in the wrong place */
export async function readSmallFile(path: string, largest: number): Promise<SmallFile> {
  let file: FileHandle | undefined
  try {
    // Whose file it is has not been judged yet: a FIFO in its place must not hold the reader.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
    const stats = await file.stat()
    if (!stats.isFile() || stats.size > largest)
      return { ok: false, reason: `not a regular file of at most ${largest / 1024} KiB` }
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(await file.readFile()) }
  } catch (error) {
    const code = errnoOf(error)
    return { ok: false, reason: code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'not UTF-8 text' : code }
  } finally {
    await file?.close()
  }
}
