import { expect, test } from '@jest/globals'
import { parseThreadDump } from './thread-dump.ts'

const worker = '/run/wsgid/lib/worker/wsgid_worker'

const locked = `Thread 0x00007f0a (most recent call first):
  File "/srv/shop/app.py", line 12 in hold
  File "/srv/shop/app.py", line 30 in application
  File "${worker}/exchange.py", line 77 in run
  File "${worker}/serving.py", line 176 in _serve
  File "${worker}/serving.py", line 120 in _serve_or_end

Thread 0x00007f0b (most recent call first):
  File "${worker}/serving.py", line 160 in _serve
  File "${worker}/serving.py", line 120 in _serve_or_end

Current thread 0x00007f0c (most recent call first):
  File "${worker}/worker.py", line 164 in _wait
  File "${worker}/template.py", line 66 in main
  File "/run/wsgid/lib/worker/__main__.py", line 9 in <module>
`

test('a thread in the application is shown outermost first, without what led there; the others are counted', () => {
  expect(parseThreadDump(locked)).toEqual({
    idle: 2,
    threads: [
      {
        ...{ name: '', request: null, leftOut: 0 },
        frames: [
          { file: '/srv/shop/app.py', line: 30, function: 'application', code: '' },
          { file: '/srv/shop/app.py', line: 12, function: 'hold', code: '' },
        ],
      },
    ],
  })
})

test('a worker that loads shows what it imports', () => {
  const loading = `Current thread 0x7f (most recent call first):
  File "/srv/shop/wait.py", line 3 in <module>
  File "<frozen importlib._bootstrap>", line 241 in _call_with_frames_removed
  File "/srv/shop/shop.wsgi", line 1 in <module>
  File "${worker}/loader.py", line 40 in load
  File "${worker}/worker.py", line 60 in live
  File "/run/wsgid/lib/worker/__main__.py", line 9 in <module>
  File "<frozen runpy>", line 88 in _run_code
`
  const { idle, threads } = parseThreadDump(loading)
  expect(idle).toBe(0)
  expect(threads[0]?.frames[0]).toMatchObject({ file: '/srv/shop/shop.wsgi', line: 1 })
  expect(threads[0]?.frames.at(-1)).toMatchObject({ file: '/srv/shop/wait.py', line: 3 })
})

test('the words of PyPy and of Python 3.14 are understood, and that a stack is deeper', () => {
  const { threads } = parseThreadDump(`Thread 0x7FB40DBE26C0 (most recent call first, approximate line numbers):
  File "a b".py", line 7 in <genexpr>
  ...
Thread 0x00007fa2 [poller] (most recent call first):
  File "/srv/x.py", line 1 in wait
`)
  expect(threads.map(({ name, leftOut, frames }) => [name, leftOut, frames[0]?.file])).toEqual([
    ['', 1, 'a b".py'],
    ['poller', 0, '/srv/x.py'],
  ])
})

test.each(['', 'nonsense\n', '  File "/x.py", line 1 in f\n'])('%j has no threads', (text) => {
  expect(parseThreadDump(text)).toEqual({ idle: 0, threads: [] })
})
