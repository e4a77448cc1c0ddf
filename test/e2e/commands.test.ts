// start, stop, status and serve as an operator types them.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect } from '@jest/globals'
import { aGroup, aGroupAt, type GroupDefinition } from '../support/a-group.ts'
import { eventually } from '../support/eventually.ts'
import { getJson, request } from '../support/http.ts'
import { environmentOf, familyOf, isRunning, processesAround, processRow } from '../support/processes.ts'
import type { CommandResult } from '../support/running-as.ts'
import { makeSite, type Site } from '../support/site.ts'
import { program, runWsgid, writeConfiguration } from '../support/start-wsgid.ts'
import { parseStatus } from '../support/status-document.ts'
import { inTerminal, terminals } from '../support/terminal.ts'
import { atEnd, conclusively, test } from '../support/test.ts'

const wiki = [{ mount: '/wiki', script: '../apps/torture.py' }]

type Detached = Readonly<{
  site: Site
  configFile: string
  wsgid: (...args: readonly string[]) => Promise<CommandResult>
}>

/** A site whose server the commands start in the background; stopped at the end of the test. */
async function detachedSite(groups: readonly GroupDefinition[]): Promise<Detached> {
  const site = await makeSite()
  const configFile = await writeConfiguration(site, { groups })
  atEnd(async (outcome) => {
    await runWsgid('stop', '--now', '-c', configFile)
    const left = processesAround(site.directory)
    for (const { pid } of left) process.kill(pid, 'SIGKILL')
    const judge = () => expect(left).toEqual([])
    // After a failure a command of the test's own may be what is left.
    if (outcome === 'failed') judge()
    else conclusively(judge)
  })
  return { site, configFile, wsgid: (...args) => runWsgid(...args, '-c', configFile) }
}

test('start returns when everything serves, says where, and leaves no tie to its terminal', async () => {
  const { wsgid } = await detachedSite([aGroup({ name: 'shop', processes: 2 })])
  const started = await wsgid('start')
  expect(started).toMatchObject({ exitCode: 0, stderr: '' })
  const [listening = '', shop] = started.stdout.split('\n')
  expect(listening).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+$/)
  expect(shop).toBe('shop: 2 workers ready')
  expect((await request(`${listening.replace('listening on ', '')}/report`)).status).toBe(200)
  const { pid } = parseStatus((await wsgid('status', '--json')).stdout)
  expect(processRow(pid)).toMatchObject({ session: pid })
})

test(
  'on a terminal start and stop show how far they are, in one line that is gone in the end',
  async () => {
    const { site, configFile, wsgid } = await detachedSite([aGroup({ name: 'shop' }), aGroupAt('slow', 'slow')])
    // It loads, and runs a request, as long as this file is there.
    const hold = site.path('apps', 'hold')
    await writeFile(site.path('apps', 'slow.py'), heldBy(hold))
    await writeFile(hold, '')
    const start = await inTerminal(['start', '-c', configFile])
    await start.shows(/1 of 2 groups are up/)
    await rm(hold)
    expect(await start.exitCode()).toBe(0)
    expect(remaining(start.output)).toEqual([
      expect.stringMatching(/^listening on http:/),
      'shop: 1 worker ready',
      'slow: 1 worker ready',
    ])
    const [, url = ''] = /listening on (\S+?)\r/.exec(start.output) ?? []
    await writeFile(hold, '')
    const answer = request(`${url}/slow`)
    const isRunning = async () => parseStatus((await wsgid('status', 'slow', '--json')).stdout).groups[0]?.active === 1
    await eventually('the request runs', async () => (await isRunning()) || undefined)
    const stop = await inTerminal(['stop', '-c', configFile])
    await stop.shows(/stopping: \d workers? (is|are) left/)
    await rm(hold)
    expect(await stop.exitCode()).toBe(0)
    expect(remaining(stop.output)).toEqual([])
    expect((await answer).status).toBe(200)
  },
  { needs: [terminals] },
)

/** A script that waits for the end of a file, first when it is loaded, then in each request. */
const heldBy = (file: string): string => `
import os, time

def wait():
    while os.path.exists(${JSON.stringify(file)}):
        time.sleep(0.01)

def application(environ, start_response):
    start_response("200 OK", [])
    wait()
    return []

wait()
`

/** The lines that still stand on a terminal when everything was printed. */
function remaining(output: string): readonly string[] {
  const lines = output.split(/\r*\n/).map((line) => line.split(/\r|\u001b\[2K/).at(-1) ?? '')
  return lines.map((line) => line.replaceAll(/\u001b\[[\d;]*[A-Za-z]/g, '')).filter((line) => line !== '')
}

test('status shows groups and workers to people, and one group by its name', async () => {
  const { wsgid } = await detachedSite([aGroup({ name: 'shop' }), aGroup({ name: 'wiki', applications: wiki })])
  await wsgid('start')
  const all = await wsgid('status')
  expect(all).toMatchObject({ exitCode: 0, stderr: '' })
  expect(all.stdout).toMatch(/shop.*running/)
  expect(all.stdout).toMatch(/wiki.*running/)
  const one = parseStatus((await wsgid('status', 'wiki', '--json')).stdout)
  expect(one.groups.map(({ name }) => name)).toEqual(['wiki'])
  expect(await wsgid('status', 'no-such')).toMatchObject({ exitCode: 1, stdout: '' })
})

test('a second start says that it is running already, and where; stop ends it, a second stop says that nothing runs', async () => {
  const { wsgid } = await detachedSite([aGroup()])
  await wsgid('start')
  const { pid } = parseStatus((await wsgid('status', '--json')).stdout)
  const second = await wsgid('start')
  expect(second.exitCode).toBe(1)
  expect(second.stderr).toMatch(new RegExp(`^wsgid: start: .*already running.*\\b${pid}\\b`))
  const supervisor = processRow(pid)
  expect(await wsgid('stop')).toMatchObject({ exitCode: 0, stderr: '' })
  expect(supervisor !== null && isRunning(supervisor)).toBe(false)
  const again = await wsgid('stop')
  expect(again.exitCode).toBe(3)
  expect(again.stderr).toMatch(/^wsgid: .*not running/)
})

test('start fails with the traceback when a group cannot start, and serves the others', async () => {
  const broken = aGroup({ name: 'broken', applications: [{ mount: '/broken', script: '../apps/import-error.py' }] })
  const { wsgid } = await detachedSite([broken, aGroup({ name: 'wiki', applications: wiki })])
  const started = await wsgid('start')
  expect(started.exitCode).toBe(1)
  expect(started.stderr).toMatch(/^wsgid: start: group broken did not start/)
  expect(started.stderr).toContain("No module named 'no_such_module_anywhere'")
  const [url = ''] = parseStatus((await wsgid('status', '--json')).stdout).listen
  expect((await request(`${url}/wiki/report`)).status).toBe(200)
  expect((await request(`${url}/broken/`)).status).toBe(500)
})

test('what a supervisor killed with -9 left behind does not stop the next start', async () => {
  const { wsgid } = await detachedSite([aGroup()])
  await wsgid('start')
  const { pid } = parseStatus((await wsgid('status', '--json')).stdout)
  const killed = familyOf(pid)
  process.kill(pid, 'SIGKILL')
  expect((await wsgid('start')).exitCode).toBe(0)
  expect(parseStatus((await wsgid('status', '--json')).stdout).pid).not.toBe(pid)
  await eventually('its routers and workers have ended', () => !killed.some(isRunning) || undefined, 25)
})

test('a pid file that names somebody else’s process is not believed', async () => {
  const { site, wsgid } = await detachedSite([aGroup()])
  await wsgid('start')
  const { pid } = parseStatus((await wsgid('status', '--json')).stdout)
  const [pidFile = ''] = await filesNaming(pid, site.path('run'))
  await wsgid('stop')
  await writeFile(pidFile, `${process.pid}\n`)
  expect((await wsgid('start')).exitCode).toBe(0)
  expect(await wsgid('stop')).toMatchObject({ exitCode: 0 })
  expect(isRunning(processRow(process.pid) ?? { pid: 0, startTime: '' })).toBe(true)
})

test('nothing of the environment of whoever starts it reaches a worker', async () => {
  const { wsgid } = await detachedSite([aGroup({ env: { CONFIGURED: 'yes' } })])
  await wsgid('start')
  const { groups } = parseStatus((await wsgid('status', '--json')).stdout)
  const environment = environmentOf(groups[0]?.workers[0]?.pid ?? 0)
  expect(environment).toMatchObject({ CONFIGURED: 'yes', LANG: 'C.UTF-8' })
  const usual = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'TMPDIR', 'CONFIGURED']
  expect(Object.keys(environment).filter((name) => !usual.includes(name))).toEqual([])
})

test('serve serves one script without a configuration file until INT', async () => {
  const site = await makeSite()
  const child = spawn(program, ['serve', site.path('apps', 'torture.py'), '--port', '0', '--threads', '3'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  atEnd(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  const lines = createInterface({ input: child.stdout })
  const line = await new Promise<string>((resolve) => lines.once('line', resolve))
  const url = line.replace(/^listening on /, '')
  const report = await getJson(`${url}/report`)
  expect(report).toMatchObject({ multithread: true, multiprocess: false, file: site.path('apps', 'torture.py') })
  const worker = processRow(Number(report['pid']))
  const ended = once(child, 'exit')
  child.kill('SIGINT')
  expect(await ended).toEqual([0, null])
  expect(worker !== null && isRunning(worker)).toBe(false)
})

/** Which files of a directory begin with this pid. */
async function filesNaming(pid: number, directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(directory, entry.name))
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')))
  return paths.filter((_, index) => texts[index]?.startsWith(String(pid)))
}
