// New code that does not come up, in every way that code can fail to: the old generation goes on, the operator is told why, and the next
// good version takes over.
import { isDeepStrictEqual } from 'node:util'
import { expect } from '@jest/globals'
import { census } from '../support/census.ts'
import { aDeployedGroup, deploy, ledgerVersion } from '../support/group-files.ts'
import { eventually } from '../support/eventually.ts'
import { request } from '../support/http.ts'
import { loadMixed } from '../support/mixed-load.ts'
import { expectNothingLost } from '../support/nothing-lost.ts'
import { isRunning, processRow } from '../support/processes.ts'
import { makeSite } from '../support/site.ts'
import { startWsgid, type RunningWsgid } from '../support/start-wsgid.ts'
import type { GroupStatus } from '../support/status-document.ts'
import { forTheFile, test } from '../support/test.ts'

type Breakage = Readonly<{ what: string; script: string; cause: RegExp }>

const breakages: Readonly<Record<string, Breakage>> = {
  syntax: { what: 'a syntax error', script: 'def application(:\n', cause: /SyntaxError: / },
  import: { what: 'an import error', script: 'import no_such_module\n', cause: /No module named 'no_such_module'/ },
  exception: { what: 'an exception', script: 'raise RuntimeError("on purpose")\n', cause: /RuntimeError: on purpose/ },
  callable: { what: 'no callable', script: 'app = None\n', cause: /no "application" in / },
  hang: { what: 'a hang at import', script: 'import time\ntime.sleep(600)\n', cause: /startup-timeout/ },
  sysexit: { what: 'sys.exit at import', script: 'import sys\nsys.exit("enough")\n', cause: /SystemExit: enough/ },
  osexit: { what: 'os._exit at import', script: 'import os\nos._exit(3)\n', cause: /exit code 3/ },
  kill: { what: 'kill -9 of itself at import', script: 'import os\nos.kill(os.getpid(), 9)\n', cause: /SIGKILL/ },
}
const preloaded = ['exception', 'osexit', 'hang']

const cases = [
  ...Object.entries(breakages).map(([name, breakage]) => ({ ...breakage, group: name, preload: false })),
  ...preloaded.flatMap((name) => {
    const breakage = breakages[name]
    return breakage === undefined ? [] : [{ ...breakage, group: `preloaded-${name}`, preload: true }]
  }),
]

const server = forTheFile(async () => {
  const site = await makeSite()
  await Promise.all(cases.map(({ group }) => deploy(site, group, ledgerVersion('good-1'))))
  const groups = cases.map(({ group, preload }) =>
    aDeployedGroup(group, { processes: 2, preload, 'startup-timeout': '1500ms' }),
  )
  return startWsgid({ site, groups })
})

for (const { what, script, cause, group: name, preload } of cases) {
  test(`${what}${preload ? ', with preload,' : ''} leaves the old generation serving, and the next good version is served`, async () => {
    const running = await server()
    const before = await running.group(name)
    const old = before.workers.map(({ pid }) => processRow(pid))
    await using load = loadMixed(running.url(`/${name}`), { kept: 2, fresh: 1, pauseMs: 5 })

    await deploy(running.site, name, script)
    expectTheOldOne(await groupIn(running, name, 'degraded'), before, cause)
    const { exitCode, stderr } = await running.wsgid('restart', name)
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(cause)
    expectTheOldOne(await groupIn(running, name, 'degraded'), before, cause)
    expect(old.map((row) => row !== null && isRunning(row))).toEqual([true, true])
    expect(load.soFar().versions).toEqual(new Set(['good-1']))

    await deploy(running.site, name, ledgerVersion('good-2'))
    const after = await groupIn(running, name, 'running', (group) => group.generation > before.generation)
    expect(after).toMatchObject({ processes: 2, lastError: null })
    expect((await request(running.url(`/${name}`))).text).toMatch(/ good-2$/)
    const report = await load.stop()
    expectNothingLost(report)
    expect(report.versions).toEqual(new Set(['good-1', 'good-2']))
    await groupIn(running, name, 'running', ({ workers }) => workers.length === 2)
    const expected = { routers: 1, others: 0, templates: cases.length, workers: 2 * cases.length }
    // The template process of the last generation goes when its last worker has gone.
    const isAsBefore = () => isDeepStrictEqual(census(running.pid), expected) || undefined
    await eventually('each group has its two workers and one template process, no more', isAsBefore)
  })
}

function expectTheOldOne(now: GroupStatus, before: GroupStatus, cause: RegExp): void {
  expect(now).toMatchObject({ state: 'degraded', generation: before.generation })
  expect(now.lastError).toMatch(cause)
  const serving = now.workers.filter(({ state }) => state === 'ready').map(({ pid }) => pid)
  expect(serving).toEqual(before.workers.map(({ pid }) => pid))
}

async function groupIn(
  running: RunningWsgid,
  name: string,
  state: GroupStatus['state'],
  also: (group: GroupStatus) => boolean = () => true,
): Promise<GroupStatus> {
  const find = ({ groups }: { groups: readonly GroupStatus[] }) =>
    groups.find((group) => group.name === name && group.state === state && also(group))
  const status = await running.statusWhen(`${name} is ${state}`, (now) => find(now) !== undefined)
  return find(status) ?? (await running.group(name))
}
