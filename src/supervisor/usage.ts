// What processes use of CPU and memory, by pidusage.
import pidusage from 'pidusage'

/** By pid; a process that is gone is not in it. `memory` in bytes, `cpu` in percent of one processor. */
export type Usage = Readonly<Record<string, { cpu: number; memory: number } | undefined>>

/**
 * pidusage keeps a process's file in /proc open for so long after a look, and then for half as long again: `cpu` is since the last look, or
 * since the process's start if that is longer ago. By default it holds the files of ended workers for a minute and a half.
 */
const memoryMs = 4000

let looking: Promise<unknown> = Promise.resolve()

/** One look at a time: of a file that two looks have opened pidusage closes only one. */
export function measureUsage(pids: readonly number[]): Promise<Usage> {
  const measured = looking.then(() => measure(pids))
  looking = measured
  return measured
}

type Found = Readonly<Record<string, { cpu: number; memory: number } | null>>

/** pidusage rejects when every process is gone, there is nothing to measure then; of several it has null for those that are. */
async function measure(pids: readonly number[]): Promise<Usage> {
  if (pids.length === 0) return {}
  const found: Found = await pidusage([...pids], { maxage: memoryMs }).catch(() => ({}))
  return Object.fromEntries(Object.entries(found).flatMap(([pid, usage]) => (usage === null ? [] : [[pid, usage]])))
}
