import { expect, test } from '@jest/globals'
import type { GroupStatus, StatusDocument } from '../control/status-document.ts'
import { renderAge, renderStatus } from './status-text.ts'

const group: GroupStatus = {
  ...{ name: 'site-1', user: 'trac', group: 'trac', state: 'running', generation: 1, processes: 2, threads: 25 },
  ...{ queue: 0, requests: 10, active: 1, restarts: 1, lastError: null, applications: [] },
  recent: { seconds: 60, requests: 6, serverErrors: 0, requestsPerSecond: 0.1, p50Milliseconds: 4, p99Milliseconds: 9 },
  workers: [
    {
      ...{ pid: 3, state: 'ready', generation: 1, requests: 5, active: 1, startedAt: '2026-01-01T00:00:00.000Z' },
      ...{ applicationGroup: '', rssBytes: 12_345_678, cpuPercent: 0.5 },
    },
  ],
  lastExits: [{ pid: 9, reason: 'signal', code: null, signal: 'SIGKILL', at: '2026-01-01T00:00:00.000Z' }],
}
const document: StatusDocument = {
  ...{ version: '0.1.0', pid: 1, state: 'running', startedAt: '2026-01-01T00:00:00.000Z', uptimeSeconds: 12.5 },
  ...{ configFile: '/etc/wsgid/wsgid.yaml', listen: ['http://127.0.0.1:8080'] },
  routers: [{ pid: 2, state: 'ready', connections: 3, requests: 10 }],
  groups: [group],
}
const look = { colour: false, now: new Date('2026-01-01T00:03:00.000Z') }

test('status shows server, groups and workers', () => {
  expect(renderStatus(document, look)).toBe(
    [
      'wsgid 0.1.0, pid 1, running, up 13 s',
      'listening on http://127.0.0.1:8080; 1 router, 3 connections, 10 requests',
      '',
      'GROUP   USER  STATE    WORKERS  ACTIVE  QUEUE  REQUESTS  RESTARTS  LAST EXIT',
      'site-1  trac  running  1/2      1/50    0      10        1         signal (SIGKILL)',
      '',
      'GROUP   PID  STATE  ACTIVE  REQUESTS  UP     MEMORY  CPU',
      'site-1  3    ready  1       5         3 min  12 MiB  0.5 %',
    ].join('\n'),
  )
})

test('a traceback is shown without what it could do to a terminal', () => {
  const failing = { ...group, state: 'failing' as const, workers: [], lastError: 'Traceback\nError: \u001b[2J\n' }
  expect(renderStatus({ ...document, groups: [failing] }, look)).toMatch(
    /site-1: last error\n {4}Traceback\n {4}Error: \\x1b\[2J$/,
  )
})

test('only a terminal gets colours', () => {
  expect(renderStatus(document, look)).not.toContain('\u001b')
  expect(renderStatus(document, { ...look, colour: true })).toContain('\u001b')
})

for (const [seconds, text] of [
  [-1, '0 s'],
  [119, '119 s'],
  [600, '10 min'],
  [7200, '2 h'],
  [864_000, '10 d'],
] as const) {
  test(`an age of ${seconds} seconds reads "${text}"`, () => expect(renderAge(seconds)).toBe(text))
}
