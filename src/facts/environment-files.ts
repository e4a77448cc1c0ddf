// Reads the files that `env-file` names. What their texts mean is config/'s business, whether they may be used plan/'s.
import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import type { EnvironmentText } from '../plan/facts.ts'
import { errnoOf } from './walk-path.ts'

// The kernel takes 128 KiB a variable; more than this is a mistake, such as a log in the wrong place.
const largestFile = 64 * 1024

/** The texts by path, each path once. */
export async function readEnvironmentFiles(paths: readonly string[]): Promise<ReadonlyMap<string, EnvironmentText>> {
  const texts = new Map<string, EnvironmentText>()
  for (const path of paths) texts.set(path, await readOne(path))
  return texts
}

async function readOne(path: string): Promise<EnvironmentText> {
  let file: FileHandle | undefined
  try {
    // Whose file it is has not been judged yet: a FIFO in its place must not hold the reader.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
    const stats = await file.stat()
    if (!stats.isFile() || stats.size > largestFile)
      return { ok: false, reason: 'not a regular file of at most 64 KiB' }
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(await file.readFile()) }
  } catch (error) {
    const code = errnoOf(error)
    return { ok: false, reason: code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'not UTF-8 text' : code }
  } finally {
    await file?.close()
  }
}
