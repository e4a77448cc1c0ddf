// Files in the system's directories: what is to be done for them to be there, or gone, and doing it. Knows not what they are for.
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { codeOf } from '../errno.ts'

export type WantedFile = Readonly<{ path: string; mode: number; text: string }>

/** `differs`: there is a file with another content, which somebody may want to keep. */
export type FileChange = Readonly<{
  file: WantedFile
  did: 'write' | 'remove' | 'unchanged' | 'differs'
  to: 'write' | 'remove'
}>

/** What it takes for all of them to be there. */
export function planInstall(files: readonly WantedFile[]): readonly FileChange[] {
  return files.map((file) => {
    const found = contentOf(file.path)
    const did = found === null ? 'write' : found === file.text ? 'unchanged' : 'differs'
    return { file, did, to: 'write' }
  })
}

/** What it takes for all of them to be gone; what is not there is left out. */
export function planRemoval(files: readonly WantedFile[]): readonly FileChange[] {
  return files.flatMap((file): FileChange[] => {
    const found = contentOf(file.path)
    return found === null ? [] : [{ file, did: found === file.text ? 'remove' : 'differs', to: 'remove' }]
  })
}

/** @throws Error of the file system */
export function apply({ file, did, to }: FileChange): void {
  if (did === 'unchanged') return
  if (to === 'remove') return rmSync(file.path)
  mkdirSync(dirname(file.path), { recursive: true })
  writeFileSync(file.path, file.text)
  chmodSync(file.path, file.mode)
}

function contentOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}
