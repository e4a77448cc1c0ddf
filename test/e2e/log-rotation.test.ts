// Logs that are rotated while they are written to: by renaming and USR1, as logrotate does it, and by wsgid itself when they reach a size.
import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { expect } from '@jest/globals'
import { parse, stringify } from 'yaml'
import { aGroupAt } from '../support/a-group.ts'
import { eventually } from '../support/eventually.ts'
import { keepRequesting } from '../support/keep-requesting.ts'
import { expectNothingLost } from '../support/nothing-lost.ts'
import { makeSite } from '../support/site.ts'
import { startWsgid, type RunningWsgid } from '../support/start-wsgid.ts'
import { conclusively, test } from '../support/test.ts'

/** Each request prints ten lines, on both streams, that are like no others. */
const printing = `
import itertools, os, sys
numbers = itertools.count()
def application(environ, start_response):
    number = next(numbers)
    for line in range(10):
        print('line', os.getpid(), number, line, 'x' * 200, file=(sys.stdout, sys.stderr)[line % 2])
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [b'printed']
`

/** All files of a log, whatever was put behind its name. */
function filesOf({ site }: RunningWsgid, log: string): readonly string[] {
  return readdirSync(site.path('log')).filter((name) => name.startsWith(`${log}.log`))
}

const linesOf = (server: RunningWsgid, log: string): readonly string[] =>
  filesOf(server, log).flatMap((name) => readFileSync(server.site.path('log', name), 'utf8').split('\n').slice(0, -1))

const logs = ['printing.log', 'access.log']

/** Renames the logs and sends USR1, as logrotate does. Each must be there: the access log is opened with its first lines. */
async function rotate(server: RunningWsgid, suffix: string): Promise<void> {
  const paths = logs.map((log) => server.site.path('log', log))
  await eventually('the logs are there', () => paths.every((path) => existsSync(path)) || undefined)
  for (const path of paths) renameSync(path, `${path}.${suffix}`)
  process.kill(server.pid, 'SIGUSR1')
}

/** Writes wsgid.yaml anew and has it taken over. */
async function reconfigure(server: RunningWsgid, options: Readonly<Record<string, unknown>>) {
  const before = parse(await readFile(server.configFile, 'utf8')) as Record<string, unknown>
  await writeFile(server.configFile, stringify({ ...before, ...options }))
  return server.wsgid('reload')
}

test(
  'under load no line of a group or of the access log is lost, neither by USR1 nor by rotation at a size',
  async () => {
    const site = await makeSite()
    await site.write('apps/printing.py', printing)
    const groups = [aGroupAt('printing', 'printing', { processes: 2 })]
    await using server = await startWsgid({ site, groups, config: { 'access-log': 'json' } })
    // Long lines, so that few requests fill the files.
    const load = keepRequesting(server.url(`/printing?${'x'.repeat(2000)}`), { connections: 4 })
    const answered = (count: number) =>
      eventually(`${count} requests`, () => (load.soFar().ok >= count ? true : undefined), 30)
    for (const round of [1, 2]) {
      await answered(load.soFar().ok + 20)
      await rotate(server, `by-hand-${round}`)
    }
    expect(await reconfigure(server, { 'log-rotate-size': '64KiB', 'log-rotate-count': 1000 })).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('log rotation: changed, no worker touched'),
    })
    await eventually(
      'both logs were rotated',
      () =>
        ['printing.log.2', 'access.log.1'].every((name) => existsSync(server.site.path('log', name)))
          ? true
          : undefined,
      40,
    )
    await answered(load.soFar().ok + 20)
    const outcomes = await load.stop()
    expectNothingLost(outcomes)
    expect(await server.kill('SIGTERM')).toBe(0)
    const printed = linesOf(server, 'printing').map((line) => /line \d+ \d+ \d+ x{200}$/.exec(line)?.[0])
    expect(printed.filter((line) => line === undefined)).toEqual([])
    const { ok } = outcomes
    const accesses = linesOf(server, 'access').filter((line) => /^\{"time":.*"cause":"ok"\}$/.test(line))
    conclusively(() => {
      expect([printed.length, new Set(printed).size, accesses.length]).toEqual([10 * ok, 10 * ok, ok])
    })
  },
  { seconds: 120 },
)
