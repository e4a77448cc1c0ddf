import { expect, test } from '@jest/globals'
import { aGroupStatus, aWorkerStatus } from '../../test/support/a-status.ts'
import { detailLines } from './status-details.ts'

const look = { colour: false, width: 80, now: new Date('2026-01-01T00:03:00.000Z') }

test('status of a group has its numbers, workers, exits and applications', () => {
  expect(detailLines(aGroupStatus(), look)).toEqual([
    'site-1: running, generation 1, user trac, group trac',
    '  workers   1 ready of 2, 1 of 50 threads busy, 0 requests wait',
    '  requests  12.5/s, p50 1.2ms, p99 40ms in the last minute',
    '  so far    10 requests, 1 restarts',
    '',
    'PID  STATE  GENERATION  BUSY  REQUESTS  UP  CPU%  MEM',
    '  3  ready           1  1/25         5  3m   0.5  12M',
    '',
    'EXITED  PID  BY       REASON',
    '3m ago    9  SIGKILL  signal',
    '',
    'HOST  MOUNT    SCRIPT',
    '*     /site-1  /srv/site-1/trac.wsgi',
  ])
})

test('its error is shown whole, without what it could do to a terminal', () => {
  const failing = aGroupStatus({ lastError: 'Traceback\nError: \u001b[2J\n' })
  expect(detailLines(failing, look).slice(-3)).toEqual(['last error', '    Traceback', '    Error: \\x1b[2J'])
})

test('application groups are named where there are several', () => {
  const workers = [aWorkerStatus(), aWorkerStatus({ applicationGroup: 'admin' })]
  const lines = detailLines(aGroupStatus({ workers }), look)
  expect(lines.find((line) => line.endsWith('admin'))).toBeDefined()
  expect(lines.find((line) => line.endsWith('%{GLOBAL}'))).toBeDefined()
})

test('the newest exit comes first', () => {
  const [exit] = aGroupStatus().lastExits
  const lastExits = exit === undefined ? [] : [exit, { ...exit, pid: 10, at: '2026-01-01T00:02:50.000Z' }]
  const lines = detailLines(aGroupStatus({ lastExits }), look)
  const exits = lines.slice(lines.findIndex((line) => line.startsWith(' EXITED')) + 1)
  expect(exits.slice(0, 2)).toEqual(['10s ago   10  SIGKILL  signal', ' 3m ago    9  SIGKILL  signal'])
})
