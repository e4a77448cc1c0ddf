// What signals do to a worker, what an application's own handlers do not, and which of its callbacks run at the end.
import { readFileSync } from 'node:fs'
import { expect } from '@jest/globals'
import { aGroupAt } from '../support/a-group.ts'
import { makeGate } from '../support/gate.ts'
import { getJson, request } from '../support/http.ts'
import { keepRequesting } from '../support/keep-requesting.ts'
import { expectNothingLost } from '../support/nothing-lost.ts'
import { makeSite } from '../support/site.ts'
import { startWsgid } from '../support/start-wsgid.ts'
import { forTheFile, test } from '../support/test.ts'

const theServer = forTheFile(async () => {
  const site = await makeSite()
  const notes = await site.directoryOf('www-data', 'notes')
  return startWsgid({
    site,
    groups: [
      ...['USR1', 'TERM', 'INT'].map((name) => aGroupAt(name, 'torture', { 'shutdown-timeout': '20s' })),
      aGroupAt('hooked', 'hooked', { env: { NOTES: `${notes}/hooked` } }),
    ],
  })
})

async function pidOf(group: string): Promise<number> {
  return Number((await getJson((await theServer()).url(`/${group}/report`)))['pid'])
}

test('USR1: a worker finishes what it runs and is replaced, its successor ready before, and no request fails', async () => {
  const server = await theServer()
  const pid = await pidOf('USR1')
  const gate = await makeGate(server.site, 'usr1')
  const running = getJson(server.url(`/USR1${gate.path}`))
  await gate.untilBegun(1)
  const load = keepRequesting(server.url('/USR1/report'), { connections: 2 })
  process.kill(pid, 'SIGUSR1')
  await server.statusWhen('the successor serves beside it', ({ groups }) =>
    groups.some(
      ({ name, workers }) => name === 'USR1' && workers.some((each) => each.pid !== pid && each.state === 'ready'),
    ),
  )
  await gate.open()
  expect(await running).toMatchObject({ pid })
  expect(await server.exitOf('USR1', pid)).toMatchObject({ reason: 'signal', code: 0, signal: null })
  const outcomes = await load.stop()
  expectNothingLost(outcomes)
  expect(outcomes.ok).toBeGreaterThan(0)
})

for (const name of ['TERM', 'INT'] as const) {
  test(`${name}: a worker finishes what it runs within shutdown-timeout, is replaced, and no request fails`, async () => {
    const server = await theServer()
    const pid = await pidOf(name)
    const gate = await makeGate(server.site, name)
    const running = getJson(server.url(`/${name}${gate.path}`))
    await gate.untilBegun(1)
    const load = keepRequesting(server.url(`/${name}/report`), { connections: 2 })
    process.kill(pid, `SIG${name}`)
    await server.statusWhen('another worker serves', ({ groups }) =>
      groups.some(
        (group) => group.name === name && group.workers.some((each) => each.pid !== pid && each.state === 'ready'),
      ),
    )
    await gate.open()
    expect(await running).toMatchObject({ pid })
    expect(await server.exitOf(name, pid)).toMatchObject({ reason: 'signal', code: 0, signal: null })
    expectNothingLost(await load.stop())
  })
}

test('signal.signal has no effect and says so in the log, atexit and mod_wsgi.subscribe_shutdown run once at the end', async () => {
  const server = await theServer()
  const [pid, returned] = (await request(server.url('/hooked'))).text.split(' ')
  expect(returned).toBe('True')
  expect(await server.log('hooked')).toMatch(/signal\.signal\(15\) has no effect/)
  expect(await server.log('hooked')).toMatch(/hooked\.py", line \d+, in <module>/)
  process.kill(Number(pid), 'SIGTERM')
  await server.exitOf('hooked', Number(pid))
  const notes = readFileSync(server.site.path('notes', 'hooked'), 'utf8').split('\n')
  const own = notes.filter((line) => line.endsWith(` in ${pid ?? ''}`)).map((line) => line.replace(/ in \d+$/, ''))
  expect(own).toEqual(['loaded', 'process_stopping: signal', 'atexit'])
})
