// What a process has used and holds, from /proc (proc(5)): totals since its start, as metrics want them. pidusage, for people, gives rates.
import { readdir, readFile, readlink } from 'node:fs/promises'
import { codeOf } from '../errno.ts'
import type { ProcessUsage } from '../observe/server-metrics.ts'

/** USER_HZ: what the kernel tells user space, on every architecture that Node runs on. */
const ticksPerSecond = 100
/** Descriptors that are looked at one by one; a process may have a million. */
const mostLooks = 1024
/** Processes that are looked at at a time. */
const atOnce = 32

/** By pid; a process that is gone is not in it. */
export async function measureProcesses(pids: readonly number[]): Promise<ReadonlyMap<number, ProcessUsage>> {
  const usage = new Map<number, ProcessUsage>()
  const left = [...pids]
  const takeTurns = async (): Promise<void> => {
    for (let pid = left.pop(); pid !== undefined; pid = left.pop()) {
      const found = await measure(pid)
      if (found !== null) usage.set(pid, found)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, pids.length) }, takeTurns))
  return usage
}

async function measure(pid: number): Promise<ProcessUsage | null> {
  try {
    const [stat, status, descriptors] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'latin1'),
      readFile(`/proc/${pid}/status`, 'latin1'),
      readdir(`/proc/${pid}/fd`),
    ])
    return {
      cpuSeconds: cpuTicks(stat) / ticksPerSecond,
      residentBytes: 1024 * Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0),
      descriptors: descriptors.length,
      sockets: await countSockets(descriptors.slice(0, mostLooks).map((fd) => `/proc/${pid}/fd/${fd}`)),
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
async function countSockets(descriptors: readonly string[]): Promise<number | null> {
  const [first, ...others] = descriptors
  if (first === undefined) return 0
  try {
    // One tells whether the others can be read.
    const links = [await linkOf(first), ...(await Promise.all(others.map(linkOf)))]
    return links.filter((link) => link.startsWith('socket:')).length
  } catch (error) {
    if (codeOf(error) === 'EACCES') return null
    throw error
  }
}

/** "" when it was closed meanwhile. */
async function linkOf(path: string): Promise<string> {
  try {
    return await readlink(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return ''
    throw error
  }
}
