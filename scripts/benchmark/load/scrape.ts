// Asks a server for its metrics while something else loads it, as a monitoring system does, but oftener.
import { setTimeout as sleep } from 'node:timers/promises'

const EACH_MS = 1_000

/**
 * Does some work, and meanwhile asks `url` at once and then once a second; without a URL, the work alone.
 *
 * @throws when the work fails, or an answer is not metrics in Prometheus' text format
 */
export async function whileScraping<T>(url: string | undefined, work: () => Promise<T>): Promise<T> {
  if (url === undefined) return work()
  const over = new AbortController()
  const done = work().finally(() => over.abort())
  const scraped = scrapeUntil(over.signal, url)
  await Promise.allSettled([done, scraped])
  await scraped
  return done
}

async function scrapeUntil(over: AbortSignal, url: string): Promise<void> {
  while (!over.aborted) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) })
    const text = await answer.text()
    if (!answer.ok || !text.startsWith('# HELP '))
      throw new Error(`${url}: status ${answer.status}, no metrics: ${text}`)
    await sleep(EACH_MS, undefined, { signal: over }).catch(() => undefined) // Cut short by the end of the work.
  }
}
