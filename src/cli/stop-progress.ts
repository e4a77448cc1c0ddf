// What `stop` waits for, while it waits: a line that changes on a terminal, plain lines elsewhere. Never the reason why a stop fails.
import { setTimeout as pause } from 'node:timers/promises'
import type { StatusDocument } from '../control/status-document.ts'
import { ChangingLine, type Output } from './changing-line.ts'

type Watched = Readonly<{ out: Output; ask: () => Promise<StatusDocument>; everyMs?: number; plainEveryMs?: number }>

const patience = { everyMs: 500, plainEveryMs: 5000 }

/** Shows what is left until `ended` has resolved or rejected; rejects never. */
export async function showStop(ended: Promise<unknown>, watched: Watched): Promise<void> {
  const { out, ask, everyMs, plainEveryMs } = { ...patience, ...watched }
  const line = new ChangingLine(out)
  const isTerminal = out.isTTY === true
  const end = new AbortController()
  const over = (): void => end.abort()
  void ended.then(over, over)
  for (;;) {
    await pause(isTerminal ? everyMs : plainEveryMs, undefined, { signal: end.signal }).catch(() => undefined)
    // One that ends while it is asked has nothing left to tell.
    const document = end.signal.aborted ? null : await ask().catch(() => null)
    if (end.signal.aborted) break
    if (document === null) continue
    if (isTerminal) line.show(remainderText(document))
    else out.write(`${remainderText(document)}\n`)
  }
  line.clear()
}

const mostNames = 3

/** For example "stopping: 4 workers are left; 2 requests run in shop, wiki". */
export function remainderText({ groups }: StatusDocument): string {
  const workers = groups.reduce((sum, group) => sum + group.workers.length, 0)
  const busy = groups.filter(({ active, queue }) => active + queue > 0)
  const requests = busy.reduce((sum, { active, queue }) => sum + active + queue, 0)
  const names = busy.slice(0, mostNames).map(({ name }) => name)
  const more = busy.length > mostNames ? ` and ${busy.length - mostNames} more groups` : ''
  const left = `stopping: ${workers} ${workers === 1 ? 'worker is' : 'workers are'} left`
  return requests === 0
    ? left
    : `${left}; ${requests} ${requests === 1 ? 'request runs' : 'requests run'} in ${names.join(', ')}${more}`
}
