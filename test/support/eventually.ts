// Waiting for what sends no event: another process's state in /proc, a file another process writes.
import { setTimeout as pause } from 'node:timers/promises'

/**
 * Asks again and again until the answer is there.
 *
 * @param ask  gives the answer, or undefined when it is not there yet; what it throws ends the waiting
 * @param what for the error: "worker 12 gone"
 * @throws when `seconds` have passed
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  seconds = 10,
): Promise<T> {
  const giveUp = performance.now() + seconds * 1000
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > giveUp) throw new Error(`waited ${seconds} s in vain: ${what}`)
    await pause(10)
  }
}
