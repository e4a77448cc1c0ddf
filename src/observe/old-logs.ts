// The files that a log leaves behind when it is rotated: PATH.1 is the youngest, PATH.2 older, and so on. Knows not what is in them.
import { existsSync, renameSync, statSync } from 'node:fs'

/** The name of a file that was put aside; `age` 1 is the youngest. */
export const oldLog = (path: string, age: number): string => `${path}.${age}`

/**
 * Puts a log aside; each older one becomes one older, the oldest of `count` is overwritten. The file itself goes on being written to by who has it open.
 * Of a log that is not there, removed or put aside before, nothing is to be put aside, and no old file has to go for it.
 *
 * @throws Error when the log cannot be renamed
 */
export function putAside(path: string, count: number): void {
  if (!existsSync(path)) return
  for (let age = count - 1; age >= 1; age -= 1) {
    if (existsSync(oldLog(path, age))) renameSync(oldLog(path, age), oldLog(path, age + 1))
  }
  renameSync(path, oldLog(path, 1))
}

/** The files of a log, oldest first, as far back as they are not compressed. The log itself may not exist. */
export function filesOfLog(path: string): readonly string[] {
  const files = [path]
  for (let age = 1; existsSync(oldLog(path, age)); age += 1) files.unshift(oldLog(path, age))
  return files
}

/** Where the lines go on after those of a file that was the log: in the log itself, unless that was put aside too since then. */
export function successorOf(path: string, inode: number): string {
  for (let age = 1; ; age += 1) {
    const found = statSync(oldLog(path, age), { throwIfNoEntry: false })
    if (found === undefined) return path
    if (found.ino === inode) return age === 1 ? path : oldLog(path, age - 1)
  }
}
