// What the processes of a server cost, from /proc: a tree of processes, CPU time, memory.
import { readFile, readdir, writeFile } from 'node:fs/promises'

/** One process as it was found; `ticks` of CPU time, a hundredth of a second each (USER_HZ). */
export type Process = Readonly<{ pid: number; parent: number; ticks: number; command: string }>

/** Finds all processes that descend from `roots`, the roots included. */
export async function processTree(roots: readonly number[]): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const all = (await Promise.all(pids.map(readProcess))).flatMap((found) => found ?? [])
  return descendants(all, roots)
}

/** Those of `all` that are in `roots` or below them. Pure. */
export function descendants(all: readonly Process[], roots: readonly number[]): Process[] {
  const walk = (process: Process): Process[] => [
    process,
    ...all.filter(({ parent }) => parent === process.pid).flatMap(walk),
  ]
  return all.filter(({ pid }) => roots.includes(pid)).flatMap(walk)
}

/** Reads the fields of `/proc/PID/stat` that matter. @throws when the text is of another form */
export function parseStat(text: string): Pick<Process, 'pid' | 'parent' | 'ticks'> {
  // The name, in parentheses, may contain spaces and parentheses itself.
  const [, pid, rest] = /^(\d+) \(.*\) \S (.*)$/s.exec(text) ?? []
  const fields = rest?.split(' ') ?? []
  const [parent, user, system] = [fields[0], fields[10], fields[11]].map(Number)
  if (parent === undefined || user === undefined || system === undefined || !Number.isFinite(system))
    throw new Error(`/proc: ${text} is of another form`)
  return { pid: Number(pid), parent, ticks: user + system }
}

async function readProcess(pid: number): Promise<Process | undefined> {
  try {
    const [stat, command] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
    ])
    return { ...parseStat(stat), command: command.replaceAll('\0', ' ').trim() }
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

/** Proportional set size in KiB: pages that n processes share count 1/n in each. 0 for a process that has ended. */
export const proportionalKib = (pid: number): Promise<number> => numberIn(`/proc/${pid}/smaps_rollup`, /^Pss:\s+(\d+)/m)

/** Resident set size in KiB now, and its peak since `forgetPeak`. */
export const residentKib = (pid: number): Promise<number> => numberIn(`/proc/${pid}/status`, /^VmRSS:\s+(\d+)/m)
export const peakKib = (pid: number): Promise<number> => numberIn(`/proc/${pid}/status`, /^VmHWM:\s+(\d+)/m)

/** Lets the peak begin anew: proc(5), clear_refs. */
export async function forgetPeak(pid: number): Promise<void> {
  try {
    await writeFile(`/proc/${pid}/clear_refs`, '5')
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

async function numberIn(file: string, pattern: RegExp): Promise<number> {
  try {
    return Number(pattern.exec(await readFile(file, 'utf8'))?.[1] ?? 0)
  } catch (error) {
    if (isGone(error)) return 0
    throw error
  }
}

const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')
