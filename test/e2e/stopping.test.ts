// Orders that meet something that is going on: a stop while workers start, fail or roll, a second stop, a restart beside a reload; and
// routers that die while clients connect.
import { expect } from '@jest/globals'
import { aGroup } from '../support/a-group.ts'
import { eventually } from '../support/eventually.ts'
import { aDeployedGroup, deploy, ledgerVersion, writeGroup } from '../support/group-files.ts'
import { makeGate } from '../support/gate.ts'
import { request } from '../support/http.ts'
import { processesAround } from '../support/processes.ts'
import { makeSite } from '../support/site.ts'
import { runWsgid, startWsgid, writeConfiguration, type RunningWsgid } from '../support/start-wsgid.ts'
import { parseStatus } from '../support/status-document.ts'
import { test } from '../support/test.ts'

const hanging = 'import time\ntime.sleep(600)\n'
/** Far above what any of these stops may take: what they must not wait for. */
const patience = { 'startup-timeout': '10m' }

async function expectStopped(server: RunningWsgid): Promise<void> {
  await server.exited(1)
  expect(server.running()).toEqual([])
  expect(processesAround(server.site.path('run'))).toEqual([])
  expect((await server.wsgid('status')).exitCode).toBe(3)
}

for (const how of [[], ['--now']]) {
  test(`${['stop', ...how].join(' ')} ends a start that hangs, and who waits for the start is told`, async () => {
    const site = await makeSite()
    await deploy(site, 'site', hanging)
    const configFile = await writeConfiguration(site, { groups: [aDeployedGroup('site', patience)] })
    const wsgid = (...args: readonly string[]) => runWsgid(...args, '-c', configFile)
    const start = wsgid('start')
    await eventually('its worker starts', async () => {
      const { exitCode, stdout } = await wsgid('status', '--json')
      return exitCode === 0 && parseStatus(stdout).groups[0]?.workers[0]?.state === 'starting' ? true : undefined
    })
    expect(await wsgid('stop', ...how)).toMatchObject({ exitCode: 0, stderr: '' })
    expect(await start).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/it was stopped before/) })
    expect(processesAround(site.path('run'))).toEqual([])
    expect((await wsgid('status')).exitCode).toBe(3)
  })

  test(`${['stop', ...how].join(' ')} ends a server whose workers end again and again`, async () => {
    const site = await makeSite()
    await deploy(site, 'site', 'import os\nos._exit(3)\n')
    const groups = [aDeployedGroup('site')]
    await using server = await startWsgid({ site, groups, until: ({ groups: [group] }) => group?.state === 'failing' })
    expect(await server.wsgid('stop', ...how)).toMatchObject({ exitCode: 0, stderr: '' })
    await expectStopped(server)
  })
}

test('stop ends a roll that hangs, and who waits for the roll is told', async () => {
  const site = await makeSite()
  await deploy(site, 'site', ledgerVersion('good'))
  await using server = await startWsgid({ site, groups: [aDeployedGroup('site', patience)] })
  await deploy(site, 'site', hanging)
  const restart = server.wsgid('restart')
  await server.statusWhen('the roll goes on', ({ groups }) => groups[0]?.state === 'rolling')
  expect(await server.wsgid('stop')).toMatchObject({ exitCode: 0, stderr: '' })
  const { exitCode, stderr } = await restart
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringMatching(/stops/) })
  await expectStopped(server)
})

test('a second stop waits for the same end, and stop --now does not wait for what the first one waits for', async () => {
  const site = await makeSite()
  await using server = await startWsgid({ site, groups: [aGroup({ 'graceful-timeout': '10m' })] })
  const gate = await makeGate(site, 'running')
  const cutOff = request(server.url(gate.path)).then(
    ({ status }) => status,
    () => 'cut off',
  )
  await gate.untilBegun(1)
  const stops = [server.wsgid('stop'), server.wsgid('stop')]
  await server.logLine('wsgid', /stopping/)
  stops.push(server.wsgid('stop', '--now'))
  for (const stop of await Promise.all(stops)) expect(stop).toMatchObject({ exitCode: 0, stderr: '' })
  expect(['cut off', 502, 503]).toContain(await cutOff)
  await expectStopped(server)
  expect(await server.wsgid('stop')).toMatchObject({ exitCode: 3, stderr: expect.stringMatching(/not running/) })
})

test('a restart beside a reload, and a reload beside a first start: each gets its answer, and what was written last runs', async () => {
  const site = await makeSite()
  await deploy(site, 'site', ledgerVersion('1'))
  const at = (change: string) => aDeployedGroup('site', { env: { CHANGE: change } })
  await using server = await startWsgid({ site, groups: [at('a')], until: () => true })
  await writeGroup(site, at('b'))
  expect(await server.wsgid('reload')).toMatchObject({ exitCode: 0 })
  await deploy(site, 'site', ledgerVersion('2'))
  await writeGroup(site, at('c'))
  const answers = await Promise.all([server.wsgid('reload'), server.wsgid('restart')])
  expect(answers).toMatchObject([{ exitCode: 0 }, { exitCode: 0 }])
  expect((await request(server.url('/site'))).text).toMatch(/ 2$/)
  await server.statusWhen(
    'one worker runs',
    ({ groups: [group] }) => group?.state === 'running' && group.workers.length === 1,
  )
})

for (const routers of [1, 2]) {
  test(`with routers: ${routers}, no connection that is made while routers are killed and replaced fails`, async () => {
    await using server = await startWsgid({ groups: [aGroup()], config: { routers } })
    const before = (await server.status()).routers.map(({ pid }) => pid)
    for (const pid of before) process.kill(pid, 'SIGKILL')
    const answers: Promise<number>[] = []
    await eventually('other routers have taken over', async () => {
      // Some before the supervisor has noticed, some while a router starts, some after.
      for (let count = 0; count < 5; count += 1)
        answers.push(request(server.url('/report')).then(({ status }) => status))
      const { routers: now } = await server.status()
      return now.length === routers && now.every(({ pid, state }) => state === 'ready' && !before.includes(pid))
        ? true
        : undefined
    })
    expect(new Set(await Promise.all(answers))).toEqual(new Set([200]))
  })
}
