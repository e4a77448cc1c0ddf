// How much memory processes take while something happens.
import { setTimeout as sleep } from 'node:timers/promises'
import { forgetPeak, peakKib, residentKib, type Process } from '../processes.ts'

/** Begins to watch; the function that it returns tells the growth of all together up to its peak, MiB. */
export async function watchGrowth(processes: readonly Process[]): Promise<() => Promise<number>> {
  const sum = async (read: (pid: number) => Promise<number>): Promise<number> =>
    (await Promise.all(processes.map(({ pid }) => read(pid)))).reduce((total, one) => total + one, 0)
  await Promise.all(processes.map(({ pid }) => forgetPeak(pid)))
  const before = await sum(residentKib)
  return async () => ((await sum(peakKib)) - before) / 1024
}

/** Between two measurements: what a server does after the last answer (ending connections) is not in the next one's figures. */
export const settle = (signal: AbortSignal): Promise<void> => sleep(100, undefined, { signal })
