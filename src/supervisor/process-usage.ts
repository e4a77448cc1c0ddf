// What a process has used and holds, from /proc (proc(5)): totals since its start, as metrics want them. pidusage, for people, gives rates.
import { readFileSync, readlinkSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { codeOf } from '../errno.ts'
import type { ProcessUsage } from '../observe/server-metrics.ts'

/** USER_HZ: what the kernel tells user space, on every architecture that Node runs on. */
const ticksPerSecond = 100
/** Descriptors that are looked at one by one; a process may have a million. */
const mostLooks = 1024

/**
 * By pid; a process that is gone is not in it. One after the other, and each nearly in one go: the kernel answers from memory, and a
 * hand-over to another thread costs ten times as much. Only its list of descriptors may be so long that others should not wait for it.
 */
export async function measureProcesses(pids: readonly number[]): Promise<ReadonlyMap<number, ProcessUsage>> {
  const usage = new Map<number, ProcessUsage>()
  for (const pid of pids) {
    const found = await measure(pid)
    if (found !== null) usage.set(pid, found)
  }
  return usage
}

async function measure(pid: number): Promise<ProcessUsage | null> {
  try {
    const descriptors = await readdir(`/proc/${pid}/fd`)
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    return {
      cpuSeconds: cpuTicks(stat) / ticksPerSecond,
      residentBytes: 1024 * Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0),
      descriptors: descriptors.length,
      sockets: countSockets(descriptors.slice(0, mostLooks).map((fd) => `/proc/${pid}/fd/${fd}`)),
    }
  } catch {
    // It has ended.
    return null
  }
}

/** utime + stime. The name in parentheses before them may have anything in it. */
function cpuTicks(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}

/** null: who may count the descriptors of another account's process need not be able to read them, that takes CAP_SYS_PTRACE. */
function countSockets(descriptors: readonly string[]): number | null {
  try {
    return descriptors.map(linkOf).filter((link) => link.startsWith('socket:')).length
  } catch (error) {
    if (codeOf(error) === 'EACCES') return null
    throw error
  }
}

/** "" when it was closed meanwhile. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return ''
    throw error
  }
}
