import { expect, test } from '@jest/globals'
import { aGroupStatus, aStatusDocument, aWorkerStatus } from '../../test/support/a-status.ts'
import { statusLines } from './status-text.ts'

const look = { colour: false, width: Infinity, now: new Date('2026-01-01T00:03:00.000Z') }
const narrow = { ...look, width: 80 }

test('status is two lines about the server and one for each group', () => {
  expect(statusLines(aStatusDocument([aGroupStatus()]), narrow)).toEqual([
    'wsgid 0.1.0, pid 1, running, up 13s; 1/1 router, 3 connections',
    'listening on http://127.0.0.1:8080',
    '',
    'GROUP   STATE    READY  BUSY  QUEUE  REQ/S    P50   P99  MEM  LAST EXIT  AGO',
    'site-1  running    1/2  1/50      0   12.5  1.2ms  40ms  12M  signal     3m',
  ])
})

test('80 columns have room for every reason, long names, and numbers of a busy server', () => {
  const group = aGroupStatus({
    ...{ name: 'a-tenant-with-a-long-name', state: 'degraded', processes: 16, threads: 25, active: 384, queue: 12345 },
    workers: Array.from({ length: 16 }, () => aWorkerStatus({ rssBytes: 100_000_000 })),
    lastExits: aGroupStatus().lastExits.map((exit) => ({ ...exit, reason: 'inactivity-timeout' })),
  })
  const [, , , header = '', row = ''] = statusLines(aStatusDocument([group]), narrow)
  expect(header.split(/ +/)).toEqual('GROUP STATE READY BUSY QUEUE REQ/S P50 P99 MEM LAST EXIT'.split(' '))
  expect(row).toMatch(/^a-ten\S*… +degraded +16\/16 +384\/400 +12345 +12\.5 +1\.2ms +40ms +1\.5G +inactivity\S*…?$/)
  expect(row.length).toBeLessThanOrEqual(80)
})

test('a wide terminal and a pipe have everything', () => {
  const [, , , header = '', row = ''] = statusLines(aStatusDocument([aGroupStatus()]), look)
  expect(header.split(/ +/)).toEqual(
    'GROUP USER STATE READY BUSY QUEUE REQ/S P50 P99 CPU% MEM REQUESTS RESTARTS LAST EXIT AGO BY'.split(' '),
  )
  expect(row.split(/ {2,}/)).toEqual(
    'site-1 trac running 1/2 1/50 0 12.5 1.2ms 40ms 0.5 12M 10 1 signal 3m SIGKILL'.split(' '),
  )
})

test('what is not known is a dash', () => {
  const unknown = { ...aGroupStatus().recent, requestsPerSecond: 0, p50Milliseconds: null, p99Milliseconds: null }
  const idle = aGroupStatus({ state: 'idle', workers: [], lastExits: [], recent: unknown })
  expect(statusLines(aStatusDocument([idle]), narrow)[4]).toMatch(/^site-1 +idle +0\/2 +1\/50 +0 +0( +-)+$/)
})

test('the end of an error is shown, without what it could do to a terminal, and where the rest of it is', () => {
  const failing = aGroupStatus({ lastError: 'Traceback\n  File "x"\nError: \u001b[2J\n' })
  expect(statusLines(aStatusDocument([failing]), narrow).slice(-2)).toEqual([
    'site-1: Error: \\x1b[2J',
    'the whole traceback: wsgid status site-1',
  ])
})

test('of many errors five are shown', () => {
  const groups = Array.from({ length: 7 }, (_, index) => aGroupStatus({ name: `g${index}`, lastError: 'Error: no' }))
  expect(statusLines(aStatusDocument(groups), narrow).slice(-3)).toEqual([
    'g4: Error: no',
    'and 2 more',
    'the whole traceback: wsgid status g0',
  ])
})

test('only who wants colours gets them', () => {
  const text = (colour: boolean) => statusLines(aStatusDocument([aGroupStatus()]), { ...look, colour }).join('\n')
  expect(text(false)).not.toContain('\u001b')
  expect(text(true)).toContain('\u001b[32mrunning\u001b[0m')
})

test('a server without groups says so', () => {
  expect(statusLines(aStatusDocument([]), narrow).at(-1)).toBe('no groups')
})
