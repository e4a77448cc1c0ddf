// wsgid below systemd: what it tells it, and the sockets that it gets from it. A stand-in plays systemd's part of both protocols.
import { writeFile } from 'node:fs/promises'
import { execa } from 'execa'
import { expect } from '@jest/globals'
import { aGroup } from '../support/a-group.ts'
import { describeDescriptors } from '../support/descriptors.ts'
import { request } from '../support/http.ts'
import { makeJail } from '../support/jail.ts'
import { askAdmin } from '../support/metrics.ts'
import { descriptorsOf, environmentOf } from '../support/processes.ts'
import { connector, startManaged, type Way } from '../support/service-manager.ts'
import { makeSite } from '../support/site.ts'
import { runWsgid, writeConfiguration } from '../support/start-wsgid.ts'
import { parseStatus } from '../support/status-document.ts'
import { asRoot, installed, test } from '../support/test.ts'

const ways: readonly (readonly [Way, string])[] = [
  ['descriptor', 'through the connected descriptor of with-notify-socket'],
  ['helper', 'through systemd-notify'],
]
const needs = [installed('/usr/bin/systemd-notify')]

for (const [way, how] of ways) {
  asRoot(
    `systemd hears how long the start may take, when it is ready, reloads, lives and stops, ${how}`,
    async () => {
      const site = await makeSite()
      const configFile = await writeConfiguration(site, { groups: [aGroup({ name: 'shop' })] })
      const server = startManaged(site, { configFile, way })
      expect((await server.heard(/^READY=1$/m)).message).toBe('READY=1\nSTATUS=serving 1 group')
      // startup-timeout and ten seconds more.
      expect(server.notifications.map(({ message }) => message)).toContain('EXTEND_TIMEOUT_USEC=40000000')
      expect((await runWsgid('status', '-c', configFile)).stdout).toMatch(/shop.*running/)
      await server.heard(/^WATCHDOG=1$/)
      const before = server.notifications.length
      expect(await runWsgid('reload', '-c', configFile)).toMatchObject({ exitCode: 0 })
      const reloading = await server.heard(/^RELOADING=1\nMONOTONIC_USEC=\d{6,}$/, before)
      await server.heard(/^READY=1$/, server.notifications.indexOf(reloading))
      process.kill(server.pid, 'SIGTERM')
      await server.heard(/^STOPPING=1\nEXTEND_TIMEOUT_USEC=30000000\nSTATUS=stopping /)
      expect(await server.ended()).toBe(0)
      // What NotifyAccess=main demands: only so does systemd know a message from one that a tenant sends.
      if (way === 'descriptor')
        expect(new Set(server.notifications.map(({ pid }) => pid))).toEqual(new Set([server.pid]))
    },
    { needs },
  )
}

test('what stands before wsgid in the unit says why it cannot go on', async () => {
  const run = async (path: string, ...command: readonly string[]) => {
    const { exitCode, stderr } = await execa(connector, command, { env: { NOTIFY_SOCKET: path }, reject: false })
    return { exitCode, stderr }
  }
  expect(await run('')).toEqual({ exitCode: 2, stderr: 'usage: with-notify-socket PROGRAM [ARGUMENT...]' })
  expect(await run('/no/such/socket', '/bin/true')).toEqual({
    ...{
      exitCode: 1,
      stderr: expect.stringMatching(/^wsgid: cannot connect to NOTIFY_SOCKET \/no\/such\/socket: .*$/),
    },
  })
  expect(await run('', '/no/such/program')).toEqual({
    ...{ exitCode: 1, stderr: expect.stringMatching(/^wsgid: cannot run \/no\/such\/program: .*No such file.*$/) },
  })
})

test('systemctl status names the group that does not serve', async () => {
  const site = await makeSite()
  const broken = aGroup({ name: 'broken', applications: [{ mount: '/b', script: '../apps/import-error.py' }] })
  const configFile = await writeConfiguration(site, { groups: [aGroup({ name: 'shop' }), broken] })
  const server = startManaged(site, { configFile, way: 'descriptor' })
  expect((await server.heard(/^READY=1$/m)).message).toContain('STATUS=serving 2 groups; failing: broken')
  await site.write('apps/import-error.py', 'def application(e, s):\n    s("200 OK", [])\n    return []\n')
  await runWsgid('restart', 'broken', '-c', configFile)
  await server.heard(/^STATUS=serving 2 groups$/)
})

test('a socket that systemd has bound is served under its name, and no worker inherits it', async () => {
  const site = await makeSite()
  const configFile = await writeConfiguration(site, {
    groups: [aGroup({ name: 'shop' })],
    config: { listen: [{ address: 'systemd:http' }] },
  })
  const server = startManaged(site, { configFile, way: 'descriptor', socketName: 'http' })
  await server.heard(/^READY=1$/m)
  const { listen, groups } = parseStatus((await runWsgid('status', '--json', '-c', configFile)).stdout)
  expect(listen).toEqual([`http://127.0.0.1:${String(server.port)}`])
  expect((await request(`http://127.0.0.1:${String(server.port)}/report`)).status).toBe(200)
  // Neither the notification socket nor the listener is anything for a worker.
  const worker = groups[0]?.workers[0]?.pid ?? 0
  const notifySocket = descriptorsOf(server.pid).get(Number(environmentOf(server.pid)['WSGID_NOTIFY_FD']))
  expect(notifySocket).toMatch(/^socket:/)
  expect([...descriptorsOf(worker).values()]).not.toContain(notifySocket)
  expect([...describeDescriptors(worker).values()]).not.toContain('socket that is no Unix socket')
})

test('a socket that systemd did not pass is named in the error', async () => {
  const site = await makeSite()
  const configFile = await writeConfiguration(site, {
    groups: [aGroup()],
    config: { listen: [{ address: 'systemd:https' }] },
  })
  const server = startManaged(site, { configFile, way: 'descriptor', socketName: 'http' })
  expect(await server.ended()).toBe(1)
  expect(server.stderr).toContain('no socket named "https"')
  expect(server.notifications).toEqual([])
})

test(
  'the unit that init prints is what systemd-analyze verify accepts',
  async () => {
    const site = await makeSite()
    const [unit, socket] = [site.path('wsgid.service'), site.path('wsgid.socket')]
    expect(await runWsgid('init', 'systemd', '-o', unit)).toMatchObject({ exitCode: 0, stderr: '' })
    expect(await runWsgid('init', 'systemd-socket', '-o', socket)).toMatchObject({ exitCode: 0, stderr: '' })
    expect((await execa('systemd-analyze', ['verify', unit, socket], { all: true })).all).toBe('')
  },
  { needs: [installed('/usr/bin/systemd-analyze')] },
)

asRoot(
  'the capabilities that the unit leaves to the supervisor are enough to switch users, enter a chroot and measure; no number is told of what it may not see',
  async () => {
    const unit = (await runWsgid('init', 'systemd')).stdout
    const [, capabilities = ''] = /^CapabilityBoundingSet=(.*)$/m.exec(unit) ?? []
    const bounds = capabilities.toLowerCase().replaceAll('cap_', '+').split(' ').join(',')
    expect(bounds).toContain('+setuid')
    const site = await makeSite()
    const inside = [{ mount: '/', module: 'inside:application', hosts: ['inside'] }]
    const chroot = await makeJail()
    await writeFile(`${chroot}/inside.py`, 'def application(e, s):\n    s("200 OK", [])\n    return []\n')
    const configFile = await writeConfiguration(site, {
      groups: [
        aGroup({ name: 'shop', user: 'www-data', 'cpu-priority': -2 }),
        aGroup({ name: 'wiki', user: 'games', chroot, home: '/', applications: inside }),
      ],
      config: { admin: { listen: '127.0.0.1:0' } },
    })
    const server = startManaged(site, { configFile, way: 'descriptor', bounds })
    await server.heard(/^READY=1\nSTATUS=serving 2 groups$/)
    const { groups, admin } = parseStatus((await runWsgid('status', '--json', '-c', configFile)).stdout)
    expect(groups.map(({ user, state }) => [user, state])).toEqual([
      ['www-data', 'running'],
      ['games', 'running'],
    ])
    const { text } = await askAdmin(admin ?? '', '/metrics')
    expect(text).toMatch(/^wsgid_worker_open_fds\{.*\} [1-9]/m)
    expect(text).not.toMatch(/^wsgid_(worker|router)_sockets\{/m)
    expect(await runWsgid('restart', '-c', configFile)).toMatchObject({ exitCode: 0 })
    process.kill(server.pid, 'SIGTERM')
    expect(await server.ended()).toBe(0)
  },
)
