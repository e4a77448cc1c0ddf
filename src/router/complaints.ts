// Lines for the log about connections that are closed without an answer. Whoever is closed can come again at once: one line for them all in a while.

const PAUSE_MS = 1_000

/** @returns says a text, unless another one was said just now */
export function complaints(log: (text: string) => void): (text: string) => void {
  let saidAt = -Infinity
  return (text) => {
    const now = performance.now()
    if (now - saidAt < PAUSE_MS) return
    saidAt = now
    log(text)
  }
}
