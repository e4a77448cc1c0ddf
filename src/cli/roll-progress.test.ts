import { expect, test } from '@jest/globals'
import type { ProgressLine } from '../control/progress-line.ts'
import { RollProgress } from './roll-progress.ts'

const worker = { group: 'shop', worker: 3, generation: 2, pid: 812 } as const
const loaded: ProgressLine = { type: 'worker', ...worker, from: 'starting', to: 'ready', why: 'loaded in 61 ms' }

/** What a command prints about these lines. */
function printed(isTTY: boolean, ...lines: readonly ProgressLine[]) {
  const texts = { out: '', err: '' }
  const out = { isTTY, write: (text: string) => (texts.out += text) }
  const err = { write: (text: string) => (texts.err += text) }
  const progress = new RollProgress('restart', out, err)
  for (const line of lines) progress.tell(line)
  return { ...texts, exitCode: progress.exitCode }
}

test('elsewhere than on a terminal each change of a worker is a plain line', () => {
  const restarted: ProgressLine = { type: 'group', group: 'shop', did: 'restarted', error: null }
  expect(printed(false, loaded, restarted, { type: 'done', failed: 0 })).toEqual({
    out: 'shop: worker 3 pid 812 (generation 2) ready: loaded in 61 ms\nshop: restarted\n',
    err: '',
    exitCode: 0,
  })
})

test('on a terminal the changes of workers overwrite each other', () => {
  const { out } = printed(true, loaded, loaded, { type: 'done', failed: 0 })
  expect(out.split('\n')).toHaveLength(2)
})

test('a failure has the whole traceback, which cannot steer the terminal, and exit code 1', () => {
  const error = 'Traceback\n  \u001b[2Jboom'
  const { err, exitCode } = printed(
    false,
    { type: 'group', group: 'shop', did: 'restarted', error },
    { type: 'done', failed: 1 },
  )
  expect(err).toMatch(/^wsgid: restart: group shop: .*goes on serving.*\n {4}Traceback\n {4} {2}\\x1b\[2Jboom\n$/)
  expect(exitCode).toBe(1)
})

test('an invalid configuration is reported as check does, and says that nothing has changed', () => {
  const message = 'wsgid: 1 error in a.yaml\n\n  a.yaml:1:1: unknown option'
  const refused: ProgressLine = { type: 'refused', code: 'invalid-configuration', message }
  expect(() => printed(false, refused)).toThrow(
    expect.objectContaining({
      exitCode: 78,
      message:
        '1 error in a.yaml; nothing was changed, the running configuration stays\n\n  a.yaml:1:1: unknown option',
    }),
  )
})

test('a reload that finds no difference says so', () => {
  expect(printed(false, { type: 'done', failed: 0 }).out).toBe('nothing has changed\n')
})

test('options that hold from now on are named, so that nobody reads that nothing has changed', () => {
  const { out } = printed(false, { type: 'options', changed: ['watch', 'access-log'] }, { type: 'done', failed: 0 })
  expect(out).toBe('watch, access-log: changed, no worker touched\n')
})
