// Options about requests that do not end: what their client, their neighbours and the log get to see. One server with a group for each.
import { readFileSync } from 'node:fs'
import { expect } from '@jest/globals'
import { aGroupAt } from '../support/a-group.ts'
import { requestIdIn } from '../support/explained.ts'
import { request } from '../support/http.ts'
import { keepRequesting } from '../support/keep-requesting.ts'
import { startWsgid } from '../support/start-wsgid.ts'
import { lineWith } from '../support/stubborn.ts'
import { conclusively, forTheFile, test } from '../support/test.ts'

const impatient = { 'graceful-timeout': '200ms', 'shutdown-timeout': '200ms' }
const at = (name: string, wanted: Readonly<Record<string, unknown>>) =>
  aGroupAt(name, 'stubborn', { ...impatient, ...wanted })

const theServer = forTheFile(() =>
  startWsgid({
    groups: [
      at('request-timeout', { 'request-timeout': '1s' }),
      at('interrupt-timeout', { threads: 1, 'request-timeout': '500ms', 'interrupt-timeout': '10s' }),
      at('deadlock-timeout', { 'deadlock-timeout': '1s' }),
      at('slow-requests', { 'slow-requests': '300ms', 'request-timeout': 0, 'deadlock-timeout': 0 }),
      at('socket-timeout', { 'request-timeout': 0, 'socket-timeout': '500ms' }),
    ],
  }),
)

async function pidOf(group: string): Promise<number> {
  return Number((await request((await theServer()).url(`/${group}/pid`))).text)
}

/** One request and how long it took; status "cut off" when its answer did not end. */
async function timed(path: string, body?: string) {
  const server = await theServer()
  const begun = performance.now()
  const options = body === undefined ? {} : { body }
  const answer = await request(server.url(path), options).catch(() => null)
  const milliseconds = performance.now() - begun
  return { status: answer?.status ?? 'cut off', milliseconds, text: answer?.text ?? '' }
}

test('request-timeout: 504 at the limit, the stack of that thread in the log, neighbours finish, the worker is replaced', async () => {
  const server = await theServer()
  const pid = await pidOf('request-timeout')
  const load = keepRequesting(server.url('/request-timeout/burn?seconds=0.005'), { connections: 2 })
  const { status, milliseconds, text } = await timed('/request-timeout/stay')
  expect(status).toBe(504)
  expect(milliseconds).toBeGreaterThanOrEqual(1000)
  expect(milliseconds).toBeLessThan(1150)
  expect(await server.exitOf('request-timeout', pid)).toMatchObject({ reason: 'request-timeout' })
  const { ok, slowestMs, ...lost } = await load.stop()
  expect(ok).toBeGreaterThan(0)
  const judge = () => expect(lost).toEqual({ wrong: 0, statuses: {}, errors: {} })
  // One that took longer than graceful-timeout may have met a limit itself, on a machine that stood still.
  if (slowestMs < 200) conclusively(judge)
  else judge()
  const id = requestIdIn(text)
  const lines = (await server.log('request-timeout')).split('\n').filter((line) => line.includes(`request=${id} `))
  expect(lines.join('\n')).toMatch(/request-timeout: running longer than 1 s/)
  expect(lines.join('\n')).toContain(`stubborn.py", line ${lineWith(server.site, 'here it stays')}, in stay`)
})

test('interrupt-timeout: the application is interrupted by mod_wsgi.RequestTimeout, and its process kept', async () => {
  const server = await theServer()
  const notes = `${await server.site.directoryOf('www-data', 'interrupted')}/notes`
  const pid = await pidOf('interrupt-timeout')
  const { status, milliseconds } = await timed(`/interrupt-timeout/stay-until-interrupted?file=${notes}`)
  expect(status).toBe(504)
  expect(milliseconds).toBeGreaterThanOrEqual(500)
  expect(milliseconds).toBeLessThan(650)
  // By the same thread, its only one.
  expect(await pidOf('interrupt-timeout')).toBe(pid)
  expect(readFileSync(notes, 'utf8')).toBe(`interrupted by mod_wsgi.RequestTimeout in process ${pid}\n`)
  const { workers, lastExits } = await server.group('interrupt-timeout')
  expect({ workers: workers.map((worker) => worker.pid), lastExits }).toEqual({ workers: [pid], lastExits: [] })
})

test('deadlock-timeout: a worker whose interpreter is locked by a call of C is killed, its stacks in the log', async () => {
  const server = await theServer()
  const pid = await pidOf('deadlock-timeout')
  const { status, milliseconds } = await timed('/deadlock-timeout/hold-everything', 'not to be repeated')
  expect(status).toBe(502)
  expect(milliseconds).toBeLessThan(2500)
  expect(await server.exitOf('deadlock-timeout', pid)).toMatchObject({ reason: 'deadlock-timeout', signal: 'SIGALRM' })
  expect(await server.log('deadlock-timeout')).toContain(
    `stubborn.py", line ${lineWith(server.site, 'here it holds everything')} in hold_everything`,
  )
  expect(await pidOf('deadlock-timeout')).not.toBe(pid)
})

test('slow-requests: a request that runs longer is answered, the stack of its thread once in the log', async () => {
  const server = await theServer()
  expect((await request(server.url('/slow-requests/burn?seconds=0.6'))).status).toBe(200)
  const where = await server.logLine('slow-requests', /stubborn\.py", line \d+, in burn/)
  const id = / request=\S+ /.exec(where)?.[0] ?? 'no id in the line'
  const lines = (await server.log('slow-requests')).split('\n').filter((line) => line.includes(id))
  expect(lines.filter((line) => line.includes('slow-requests: running longer than 0.3 s'))).toHaveLength(1)
})

test('slow-requests: when a call of C locks the interpreter, all its stacks are in the log while it does', async () => {
  const server = await theServer()
  const pid = await pidOf('slow-requests')
  const held = timed('/slow-requests/hold-everything', 'not to be repeated')
  const line = `stubborn.py", line ${lineWith(server.site, 'here it holds everything')} in hold_everything`
  expect(await server.logLine('slow-requests', /in hold_everything/)).toContain(line)
  expect(await server.log('slow-requests')).toMatch(/Timeout \(0:00:00\.3/)
  process.kill(pid, 'SIGKILL')
  expect(await held).toMatchObject({ status: 502 })
})

test('socket-timeout: a worker that says nothing is 504, one that falls silent within a response is cut off', async () => {
  const before = await timed('/socket-timeout/stay', 'not to be repeated')
  expect(before.status).toBe(504)
  const within = await timed('/socket-timeout/fall-silent')
  expect(within.status).toBe('cut off')
  for (const { milliseconds } of [before, within]) {
    expect(milliseconds).toBeGreaterThanOrEqual(500)
    // Looked at once a second, with half a second of grace for request-timeout.
    expect(milliseconds).toBeLessThan(2500)
  }
})
