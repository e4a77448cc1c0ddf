// Makes sure that one supervisor runs per run-dir, and says which. The lock is the kernel's: it ends with the process, however that ends.
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { codeOf } from '../errno.ts'

/** A process by pid and start time (clock ticks since boot), which together are never used again. */
type ProcessId = Readonly<{ pid: number; startTime: string }>

export type Claim =
  /** `formerDied`: the last supervisor here ended without cleaning up. */
  Readonly<{ ok: true; formerDied: boolean; release: () => void }> | Readonly<{ ok: false; pid: number | null }>

/**
 * Claims a pid file for this process: of two that start at once, one gets it. The first line is the pid, the second its start time.
 *
 * Node cannot lock a file, but flock(1) can lock a descriptor that it inherits: the lock belongs to the open file, which stays with us.
 *
 * @param flock absolute path of util-linux's flock
 */
export function claimPidFile(path: string, flock: string): Claim {
  for (;;) {
    const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o644)
    if (!lock(fd, flock)) {
      closeSync(fd)
      return { ok: false, pid: readPidFile(path) }
    }
    // Whoever had it may have removed the file between our open and our lock.
    if (isSameFile(fd, path)) return hold(path, fd)
    closeSync(fd)
  }
}

/** The pid of the supervisor that runs here; null when none does: a pid without its start time is not believed. */
export function readPidFile(path: string): number | null {
  try {
    const [pid, startTime] = readFileSync(path, 'utf8').split('\n')
    return pid !== undefined && startTime !== undefined && startTimeOf(Number(pid)) === startTime ? Number(pid) : null
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

function hold(path: string, fd: number): Claim {
  const formerDied = fstatSync(fd).size > 0
  const self: ProcessId = { pid: process.pid, startTime: startTimeOf(process.pid) ?? '' }
  ftruncateSync(fd)
  writeSync(fd, `${self.pid}\n${self.startTime}\n`, 0)
  const release = (): void => {
    unlinkSync(path)
    closeSync(fd)
  }
  return { ok: true, formerDied, release }
}

function lock(fd: number, flock: string): boolean {
  const { status, error } = spawnSync(flock, ['--nonblock', '3'], {
    stdio: ['ignore', 'ignore', 'ignore', fd],
    env: {},
  })
  if (error !== undefined) throw error
  return status === 0
}

function isSameFile(fd: number, path: string): boolean {
  try {
    return fstatSync(fd).ino === statSync(path).ino
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

/** Field 22 of /proc/PID/stat; null when there is no such process, or only its remains (a zombie). The name in field 2 may contain anything but ends at the last ")". */
export function startTimeOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' ? null : (rest[18] ?? null)
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

const isMissing = (error: unknown): boolean => ['ENOENT', 'ESRCH'].includes(codeOf(error) ?? '')
