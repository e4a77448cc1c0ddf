// The text of `wsgid stacks`. Pure.
import type { StacksDocument, ThreadDocument, WorkerStacks } from '../control/stacks-document.ts'

/** What came from a tenant must not steer the terminal. */
const control = /[\u0000-\u001f\u007f-\u009f]/g

/** Worker by worker; threads that serve a request first, the longest one on top. Ends with a newline. */
export function renderStacks({ group, state, workers }: StacksDocument): string {
  if (workers.length === 0) return `${group}: no worker runs (${state})\n`
  return workers.map((worker) => `${renderWorker(group, worker).join('\n')}\n`).join('\n')
}

function renderWorker(group: string, worker: WorkerStacks): readonly string[] {
  const { pid, state, generation, by, note, idle, leftOut, threads } = worker
  const title = `${group}: ${pid === null ? 'worker' : `worker ${pid}`}, ${state}, generation ${generation}`
  if (by === 'nobody') return [title, `  ${note}`]
  const sorted = threads.toSorted((a, b) => (b.request?.seconds ?? -1) - (a.request?.seconds ?? -1))
  return [
    title,
    ...(by === 'signal' ? [withoutPython] : []),
    ...sorted.flatMap(renderThread),
    ...(idle > 0 ? [`  ${idle} ${idle === 1 ? 'thread' : 'threads'} idle`] : []),
    ...(leftOut > 0 ? [`  ${leftOut} more ${leftOut === 1 ? 'thread' : 'threads'} left out`] : []),
  ]
}

const withoutPython =
  '  could not run Python code: it loads, or a call of C keeps the lock of its interpreter; which thread has which request is not known then'

function renderThread({ name, request, leftOut, frames }: ThreadDocument): readonly string[] {
  const serves = request === null ? '' : `request ${request.id}, ${request.seconds.toFixed(1)} s, ${request.line}`
  const title = [name === '' ? 'thread' : `thread ${name}`, serves].filter((part) => part !== '').join(': ')
  const stack = frames.flatMap(({ file, line, function: name, code }) => [
    `    ${file}:${line} in ${name}`,
    ...(code === '' ? [] : [`      ${code}`]),
  ])
  const cut = leftOut === 0 ? [] : ['    (deeper than shown)']
  return [`  ${title}`, ...cut, ...stack].map((text) => text.replaceAll(control, ' '))
}
