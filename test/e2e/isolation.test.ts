// Tenants are strangers to each other and to wsgid: what a worker is, and what one tenant can do to another: nothing.
import { existsSync, readdirSync, readFileSync, realpathSync, statSync, type Dirent } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from '@jest/globals'
import { account, groupId } from '../support/accounts.ts'
import { aGroup } from '../support/a-group.ts'
import { eventually } from '../support/eventually.ts'
import { describeDescriptors } from '../support/descriptors.ts'
import { isRecord, request } from '../support/http.ts'
import { environmentOf, familyOf, limitsOf, processRow, statusOf } from '../support/processes.ts'
import { runAs } from '../support/running-as.ts'
import { makeSite } from '../support/site.ts'
import { runWsgid, startWsgid, writeConfiguration } from '../support/start-wsgid.ts'
import { asRoot, forTheFile } from '../support/test.ts'

const intruder = fileURLToPath(new URL('../support/intruder.py', import.meta.url))
const nothing = '0000000000000000'

const ours = aGroup({
  name: 'ours',
  user: 'www-data',
  'supplementary-groups': ['users', 'audio'],
  processes: 2,
  env: { OURS_SECRET: 'we alone' },
  applications: [{ mount: '/ours', script: '../apps/torture.py' }],
})
const theirs = aGroup({
  name: 'theirs',
  user: 'games',
  processes: 3,
  env: { THEIR_SECRET: 'they alone' },
  applications: [{ mount: '/theirs', script: '../apps/torture.py' }],
})

const twoTenants = forTheFile(() => startWsgid({ groups: [ours, theirs] }))

const titleOf = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0.*$/s, '')

asRoot('each group has exactly its processes and their template, and wsgid no process besides', async () => {
  const server = await twoTenants()
  const status = await server.status()
  const pids = [server.pid, ...status.routers.map(({ pid }) => pid)]
  for (const group of status.groups) {
    expect(group.workers).toHaveLength(group.processes)
    pids.push(...group.workers.map(({ pid }) => pid))
  }
  expect(status.groups.map(({ processes }) => processes)).toEqual([2, 3])
  const others = familyOf(server.pid).filter(({ pid }) => !pids.includes(pid))
  expect(others.map(({ pid }) => titleOf(pid)).toSorted()).toEqual([
    'wsgid: ours (template)',
    'wsgid: theirs (template)',
  ])
  expect(familyOf(server.pid)).toHaveLength(pids.length + others.length)
})

asRoot('a worker has the uid, gid and supplementary groups of its group and no others', async () => {
  const server = await twoTenants()
  const { uid, gid } = account('www-data')
  const groups = [gid, groupId('users'), groupId('audio')].toSorted((a, b) => a - b)
  for (const pid of await server.pidsOf('ours')) {
    const status = statusOf(pid)
    expect(status['Uid']).toBe([uid, uid, uid, uid].join('\t'))
    expect(status['Gid']).toBe([gid, gid, gid, gid].join('\t'))
    expect(numbersIn(status['Groups'])).toEqual(groups)
  }
})

asRoot('a worker of a group that names no supplementary groups has those of its account', async () => {
  const server = await twoTenants()
  const { uid, gid } = account('games')
  for (const pid of await server.pidsOf('theirs')) {
    const status = statusOf(pid)
    expect(status['Uid']).toBe([uid, uid, uid, uid].join('\t'))
    expect(status['Gid']).toBe([gid, gid, gid, gid].join('\t'))
    expect(numbersIn(status['Groups'])).toEqual([gid])
  }
})

asRoot('a worker has no capability and can never gain a privilege', async () => {
  const server = await twoTenants()
  for (const pid of [...(await server.pidsOf('ours')), ...(await server.pidsOf('theirs'))]) {
    const { CapInh, CapPrm, CapEff, CapBnd, CapAmb, NoNewPrivs } = statusOf(pid)
    const expected = {
      CapInh: nothing,
      CapPrm: nothing,
      CapEff: nothing,
      CapBnd: nothing,
      CapAmb: nothing,
      NoNewPrivs: '1',
    }
    expect({ CapInh, CapPrm, CapEff, CapBnd, CapAmb, NoNewPrivs }).toEqual(expected)
  }
})

asRoot('a router is an unprivileged account without capabilities', async () => {
  const server = await twoTenants()
  const { uid, gid } = account('nobody')
  for (const { pid } of (await server.status()).routers) {
    const status = statusOf(pid)
    expect(status['Uid']).toBe([uid, uid, uid, uid].join('\t'))
    expect(status['Gid']).toBe([gid, gid, gid, gid].join('\t'))
    expect(numbersIn(status['Groups']).filter((group) => group !== gid)).toEqual([])
    const { CapInh, CapPrm, CapEff, CapAmb, CapBnd, NoNewPrivs } = status
    const sets = { CapInh: nothing, CapPrm: nothing, CapEff: nothing, CapAmb: nothing }
    // It took its uid by itself, for which its bounding set keeps CAP_SETUID and CAP_SETGID; no_new_privs makes them out of reach.
    expect({ CapInh, CapPrm, CapEff, CapAmb, CapBnd, NoNewPrivs }).toEqual({
      ...sets,
      CapBnd: '00000000000000c0',
      NoNewPrivs: '1',
    })
  }
})

asRoot('a worker leads its own session and process group and never dumps core', async () => {
  const server = await twoTenants()
  for (const pid of [...(await server.pidsOf('ours')), ...(await server.pidsOf('theirs'))]) {
    expect(processRow(pid)).toMatchObject({ session: pid, processGroup: pid })
    expect(limitsOf(pid)['Max core file size']).toEqual({ soft: '0', hard: '0' })
  }
})

asRoot("a worker's environment is what its group says over a base made from nothing", async () => {
  const server = await twoTenants()
  for (const pid of await server.pidsOf('ours')) {
    const { PATH, TMPDIR, SHELL, ...rest } = environmentOf(pid)
    expect(PATH).toMatch(/^\/usr\//)
    expect(TMPDIR ?? '/tmp').toBe('/tmp')
    expect(SHELL).toBe('/usr/sbin/nologin')
    expect(rest).toEqual({
      HOME: '/var/www',
      USER: 'www-data',
      LOGNAME: 'www-data',
      LANG: 'C.UTF-8',
      LC_ALL: 'C.UTF-8',
      OURS_SECRET: 'we alone',
    })
  }
})

asRoot(
  'a worker holds its control socket, its listening socket, the scoreboard of its group and what it made itself, nothing else',
  async () => {
    const server = await twoTenants()
    // Some requests first, so that accepted connections and whatever else serving opens is there.
    await Promise.all(Array.from({ length: 20 }, () => request(server.url('/ours/echo'))))
    for (const pid of await server.pidsOf('ours')) {
      const opened = describeDescriptors(pid)
      expect(opened.get(0)).toBe('/dev/null')
      // Standard output and error lead to the supervisor, which writes the log. Node makes socket pairs of such pipes.
      expect(opened.get(1)).toBe('connected socket')
      expect(opened.get(2)).toBe('connected socket')
      const rest = [...opened].filter(([fd]) => fd > 2).map(([, what]) => what)
      const listening = rest.filter((what) => what.startsWith('listening'))
      expect(listening).toEqual([expect.stringMatching(new RegExp(`^listening socket ${server.site.path('run')}/`))])
      const made = rest
        .filter((what) => !listening.includes(what))
        .map((what) => what.replace(/ \/.*/, ' of the listener'))
      // sys.stdin, which reads as empty; the scoreboard, which Python keeps open as long as it is mapped; what its stacks are written into on a signal; the control socket; one epoll; a pipe by which threads wake each other, a socket pair by which signals wake the main
      // thread; and a connection, as there is one router, with the pipe by which a thread that reads it is woken.
      const sockets = ['connected socket', 'connected socket', 'connected socket']
      const files = ['/dev/null', '/memfd:stacks (deleted)', realpathSync(server.site.path('run/shared/ours'))]
      const own = [...files, ...sockets, 'eventpoll', 'pipe', 'pipe']
      const connection = made.length > own.length ? ['connected socket of the listener', 'pipe', 'pipe'] : []
      expect(made.toSorted()).toEqual([...own, ...connection].toSorted())
    }
  },
)

asRoot('a group that would run as root is refused as invalid configuration', async () => {
  const site = await makeSite()
  for (const user of ['root', 0]) {
    const configFile = await writeConfiguration(site, { groups: [aGroup({ name: 'rootly', user })] })
    const { exitCode, stderr } = await runWsgid('start', '--foreground', '-c', configFile)
    expect(stderr).toMatch(/rootly\.yaml:\d+:\d+.*root/)
    expect(exitCode).toBe(78)
  }
})

asRoot("a tenant can neither reach another's sockets, logs or processes nor those of wsgid", async () => {
  const server = await twoTenants()
  const status = await server.status()
  const run = server.site.path('run')
  const targets = {
    sockets: socketsIn(run).filter((path) => !path.includes('/ours/')),
    // run/lib holds wsgid's own Python code, which every tenant's interpreter reads.
    directories: directoriesIn(run).filter((path) => !path.startsWith(join(run, 'lib'))),
    files: [server.site.path('log', 'theirs.log'), server.site.path('log', 'wsgid.log')],
    pids: [server.pid, ...status.routers.map(({ pid }) => pid), ...(await server.pidsOf('theirs'))],
  }
  expect(targets.sockets.filter((path) => path.includes('/theirs/')).length).toBeGreaterThanOrEqual(3)
  expect(targets.sockets).toContain(join(run, 'control.sock'))
  const outcome = await intrude('www-data', targets)
  expect(Object.keys(outcome).length).toBeGreaterThan(40)
  const reached = Object.entries(outcome).filter(([, result]) => result !== 'EACCES' && result !== 'EPERM')
  expect(reached).toEqual([])
})

asRoot('a tenant cannot connect to the sockets of its own group either: only routers can', async () => {
  const server = await twoTenants()
  const sockets = socketsIn(server.site.path('run')).filter((path) => path.includes('/ours/'))
  expect(sockets.length).toBeGreaterThanOrEqual(2)
  const outcome = await intrude('www-data', { sockets, directories: [], files: [], pids: [] })
  expect(Object.values(outcome)).toEqual(sockets.map(() => 'EACCES'))
})

asRoot('the same attempts succeed where they may: the test can tell', async () => {
  const server = await twoTenants()
  const pids = (await server.pidsOf('theirs')).slice(0, 1)
  const outcome = await intrude('root', {
    sockets: socketsIn(server.site.path('run')).slice(0, 1),
    directories: [],
    files: [],
    pids,
  })
  expect(new Set(Object.values(outcome))).toEqual(new Set(['done']))
  expect(Object.keys(outcome)).toHaveLength(7)
})

asRoot('a log belongs to root and no tenant can read it', async () => {
  const server = await twoTenants()
  await eventually('the log is there', () => (existsSync(server.site.path('log', 'ours.log')) ? true : undefined))
  for (const name of readdirSync(server.site.path('log'))) {
    const { uid, mode } = statSync(server.site.path('log', name))
    expect({ name, uid, others: mode & 0o007 }).toEqual({ name, uid: 0, others: 0 })
  }
})

type Targets = Readonly<{
  sockets: readonly string[]
  directories: readonly string[]
  files: readonly string[]
  pids: readonly number[]
}>

async function intrude(user: string, targets: Targets): Promise<Readonly<Record<string, unknown>>> {
  const site = await makeSite()
  const script = await site.write('intruder.py', readFileSync(intruder, 'utf8'))
  const text = await runAs(user, ['/usr/bin/python3', script], { cwd: '/', input: JSON.stringify(targets) })
  const outcome: unknown = JSON.parse(text)
  if (!isRecord(outcome)) throw new Error(`intruder.py printed ${text}`)
  return outcome
}

function entriesIn(directory: string): readonly Dirent[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
}

function socketsIn(directory: string): readonly string[] {
  return entriesIn(directory)
    .filter((entry) => entry.isSocket())
    .map((entry) => join(entry.parentPath, entry.name))
}

function directoriesIn(directory: string): readonly string[] {
  const below = entriesIn(directory).filter((entry) => entry.isDirectory())
  return below.map((entry) => join(entry.parentPath, entry.name))
}

function numbersIn(text = ''): readonly number[] {
  return text
    .split(/\s+/)
    .filter(Boolean)
    .map(Number)
    .toSorted((a, b) => a - b)
}
