// The init script, the logrotate file and install as a system without systemd uses them: run for real, installed below a root of its own.
import { readdirSync, writeFileSync } from 'node:fs'
import { appendFile, readFile, stat } from 'node:fs/promises'
import { execa } from 'execa'
import { expect } from '@jest/globals'
import { stringify } from 'yaml'
import { aGroup, aGroupAt } from '../support/a-group.ts'
import { eventually } from '../support/eventually.ts'
import { request } from '../support/http.ts'
import { processesAround, processRow, isRunning } from '../support/processes.ts'
import type { CommandResult } from '../support/running-as.ts'
import { makeSite, type Site } from '../support/site.ts'
import { runWsgid, writeConfiguration } from '../support/start-wsgid.ts'
import { parseStatus, type Status } from '../support/status-document.ts'
import { asRoot, atEnd, installed, test } from '../support/test.ts'

type Installed = Readonly<{
  site: Site
  configFile: string
  /** A path below the root that it was installed into. */
  etc: (name: string) => string
  service: (...args: readonly string[]) => Promise<CommandResult>
  status: () => Promise<Status>
}>

/** Installs for an init script, with a configuration of one group; what was started is stopped at the end of the test. */
async function installedSite(): Promise<Installed> {
  const site = await makeSite()
  const configFile = await writeConfiguration(site, { groups: [aGroup({ name: 'shop' })] })
  const etc = (name: string): string => site.path('root/etc', name)
  const installation = await runWsgid('install', 'sysv', '--root', site.path('root'), '-c', configFile)
  expect(installation).toMatchObject({ exitCode: 0, stderr: '' })
  atEnd(async () => {
    await runWsgid('stop', '--now', '-c', configFile)
    for (const { pid } of processesAround(site.directory)) process.kill(pid, 'SIGKILL')
  })
  const service = async (...args: readonly string[]): Promise<CommandResult> => {
    const result = await execa(etc('init.d/wsgid'), args, { reject: false, timeout: 60_000, env: {}, extendEnv: false })
    return { exitCode: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr }
  }
  const status = async () => parseStatus((await runWsgid('status', '--json', '-c', configFile)).stdout)
  return { site, configFile, etc, service, status }
}

asRoot(
  'the init script starts, reports, reloads and stops, again and again, with the exit codes of the LSB',
  async () => {
    const { site, service, status } = await installedSite()
    expect(await service('status')).toMatchObject({ exitCode: 3, stdout: 'wsgid: not running' })
    expect(await service('stop')).toMatchObject({ exitCode: 0 })
    expect(await service('reload')).toMatchObject({ exitCode: 7 })
    expect(await service('try-restart')).toMatchObject({ exitCode: 0, stdout: '' })
    for (const round of ['first', 'second']) {
      const started = await service('start')
      expect([round, started.exitCode, started.stderr]).toEqual([round, 0, ''])
      expect((await service('status')).stdout).toMatch(/shop.*running/)
      const { pid, listen } = await status()
      expect((await request(`${listen[0] ?? ''}/report`)).status).toBe(200)
      expect(await service('start')).toMatchObject({ exitCode: 0, stdout: 'wsgid: already running' })
      await site.write(`groups.d/${round}.yaml`, stringify(aGroupAt(round, 'torture')))
      expect(await service(round === 'first' ? 'reload' : 'force-reload')).toMatchObject({ exitCode: 0 })
      const reloaded = await status()
      expect(reloaded.pid).toBe(pid)
      expect(reloaded.groups.map(({ name }) => name)).toContain(round)
      expect(await service('stop')).toMatchObject({ exitCode: 0, stderr: '' })
      expect(await service('status')).toMatchObject({ exitCode: 3 })
    }
  },
)

asRoot(
  'restart puts a new server in place, but not when its configuration is invalid: the old one goes on',
  async () => {
    const { service, status, configFile } = await installedSite()
    await service('start')
    const { pid } = await status()
    expect(await service('restart')).toMatchObject({ exitCode: 0 })
    const second = (await status()).pid
    expect(second).not.toBe(pid)
    await appendFile(configFile, 'lisen: 1\n')
    for (const action of ['restart', 'try-restart', 'reload', 'force-reload']) {
      const refused = await service(action)
      expect([action, refused.exitCode]).toEqual([action, 6])
      expect(refused.stderr).toContain('did you mean "listen"')
    }
    expect(isRunning(processRow(second) ?? { pid: 0, startTime: '' })).toBe(true)
  },
)

asRoot('status of a server that was killed is 1, start serves again', async () => {
  const { service, status } = await installedSite()
  await service('start')
  process.kill((await status()).pid, 'SIGKILL')
  await eventually('killed', async () => ((await service('status')).exitCode === 1 ? true : undefined))
  expect(await service('start')).toMatchObject({ exitCode: 0 })
  expect(await service('status')).toMatchObject({ exitCode: 0 })
})

test('the init script refuses unknown actions by 2, those who may not by 4, and says 5 when wsgid is gone', async () => {
  const { service, etc } = await installedSite()
  expect(await service('fly')).toMatchObject({ exitCode: 2, stdout: '' })
  expect(await service()).toMatchObject({ exitCode: 2 })
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', '--']
  const asNobody = process.getuid?.() === 0 ? ['setpriv', ...nobody] : []
  // The script may stand where nobody can read; its text need not.
  const command = [...asNobody, 'sh', '-s', '--', 'start']
  const args = command.slice(1)
  const script = await readFile(etc('init.d/wsgid'), 'utf8')
  const denied = await execa(command[0] ?? 'sh', args, {
    input: script.replace(/^PROGRAM=.*$/m, 'PROGRAM=/bin/true'),
    reject: false,
  })
  expect(denied.exitCode).toBe(4)
  writeFileSync(etc('init.d/wsgid'), script.replace(/^PROGRAM=.*$/m, 'PROGRAM=/nonexistent'))
  const codes = await Promise.all(['start', 'stop', 'status'].map(async (action) => (await service(action)).exitCode))
  expect(codes).toEqual([5, 0, 4])
})

asRoot(
  'logrotate with the file of install renames the logs and wsgid goes on in new ones',
  async () => {
    const { site, etc, service, status } = await installedSite()
    await service('start')
    const before = (await stat(site.path('log/wsgid.log'))).ino
    const rotation = ['--force', '--state', site.path('rotation'), etc('logrotate.d/wsgid')]
    expect(await execa('logrotate', rotation, { all: true })).toMatchObject({ all: '' })
    const isReopened = () => (readdirSync(site.path('log')).includes('wsgid.log') ? true : undefined)
    await eventually('a new wsgid.log', isReopened)
    expect((await stat(site.path('log/wsgid.log.1'))).ino).toBe(before)
    // The pid of a server that is gone belongs to somebody else some day: no signal for that one.
    const pidFile = site.path('run/wsgid.pid')
    const stranger = execa('sleep', ['60'], { reject: false })
    writeFileSync(pidFile, `${String(stranger.pid)}\n1\n`)
    expect(await execa('logrotate', rotation, { all: true })).toMatchObject({ all: '' })
    expect(stranger.kill('SIGKILL')).toBe(true)
    expect(await stranger).toMatchObject({ signal: 'SIGKILL' })
    process.kill((await status()).pid, 'SIGKILL')
  },
  { needs: [installed('/usr/sbin/logrotate')] },
)

test('install says first what it would do, leaves changed files alone, and uninstall takes away what it has put there', async () => {
  const site = await makeSite()
  const root = site.path('root')
  const unit = site.path('root/etc/systemd/system/wsgid.service')
  const install = (...args: readonly string[]) => runWsgid(...args, '--root', root)
  const files = (): readonly string[] =>
    readdirSync(site.directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.parentPath.startsWith(root))
      .map(({ name }) => name)
  const dry = await install('install', 'systemd', '--dry-run')
  expect(dry.stdout).toContain(`would write ${unit}\n`)
  expect(files()).toEqual([])
  expect(await install('install', 'systemd')).toMatchObject({ exitCode: 0, stderr: '' })
  expect(files().toSorted()).toEqual(['wsgid', 'wsgid.conf', 'wsgid.service'])
  expect((await install('install', 'systemd')).stdout).toContain(`unchanged ${unit}\n`)
  await appendFile(unit, '# ours\n')
  for (const command of ['install', 'uninstall']) {
    const refused = await install(command, 'systemd')
    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toMatch(/wsgid\.service: not as wsgid would write it.*--force\n?$/)
  }
  expect(files()).toHaveLength(3)
  expect(await install('uninstall', 'systemd', '--force')).toMatchObject({ exitCode: 0 })
  expect(files()).toEqual([])
})
