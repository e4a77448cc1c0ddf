import { expect, test } from '@jest/globals'
import type { WorkerStacks } from '../control/stacks-document.ts'
import { renderStacks } from './stacks-text.ts'

const worker: WorkerStacks = {
  ...{ pid: 4711, state: 'ready', generation: 2, by: 'worker', note: '', idle: 1, leftOut: 0, threads: [] },
}
const thread = (file: string, seconds: number | null) => ({
  name: seconds === null ? 'poller' : 'wsgid-1',
  request: seconds === null ? null : { id: 'k3', line: 'GET /cart', seconds },
  leftOut: 0,
  frames: [{ file, line: 12, function: 'pay', code: 'time.sleep(1)' }],
})
const render = (...workers: readonly WorkerStacks[]) => renderStacks({ group: 'shop', state: 'running', workers })

test('the longest request is on top, threads of the application come last', () => {
  const threads = [thread('/a.py', null), thread('/b.py', 1), thread('/c.py', 30)]
  expect(render({ ...worker, threads })).toBe(`shop: worker 4711, ready, generation 2
  thread wsgid-1: request k3, 30.0 s, GET /cart
    /c.py:12 in pay
      time.sleep(1)
  thread wsgid-1: request k3, 1.0 s, GET /cart
    /b.py:12 in pay
      time.sleep(1)
  thread poller
    /a.py:12 in pay
      time.sleep(1)
  1 thread idle
`)
})

test('a group without workers says so', () => {
  expect(renderStacks({ group: 'shop', state: 'idle', workers: [] })).toBe('shop: no worker runs (idle)\n')
})

test('a worker that nobody can speak for has the reason', () => {
  const text = render({ ...worker, by: 'nobody', note: 'it is stopped' })
  expect(text).toBe('shop: worker 4711, ready, generation 2\n  it is stopped\n')
})

test('what a tenant calls its functions does not steer the terminal', () => {
  expect(render({ ...worker, threads: [thread('/\u001b[2J\n.py', null)] })).toContain('    / [2J .py:12 in pay\n')
})
