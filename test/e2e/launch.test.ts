// The chain of programs that gives a process its limits and its identity, as it really runs: what the kernel says of what came out.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readlinkSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { Socket } from 'node:net'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect } from '@jest/globals'
import { workerCommand, type Command, type Launch } from '../../src/launch/argv.ts'
import { copyIntoChroot, programInChroot, removeFromChroot } from '../../src/launch/program-copy.ts'
import { bindPath } from '../../src/launch/sockets.ts'
import { findTools } from '../../src/launch/tools.ts'
import { SCOREBOARD_SLOT } from '../../src/protocol/scoreboard.ts'
import type { TemplateConfiguration, ToTemplate } from '../../src/protocol/supervision.ts'
import { bytes, gid, milliseconds, uid } from '../../src/units.ts'
import { anApplicationPlan } from '../support/application-plan.ts'
import { account, groupId } from '../support/accounts.ts'
import { makeJail } from '../support/jail.ts'
import { descriptorsOf, environmentOf, limitsOf, processRow, statusOf } from '../support/processes.ts'
import { makeSite } from '../support/site.ts'
import { asRoot, atEnd, forTheFile, isRoot, test } from '../support/test.ts'

const games = account('games')
const groups = [games.gid, groupId('audio')].sort((a, b) => a - b)
const noCapability = '0000000000000000'

const group: Launch = {
  identity: {
    ...{ uid: uid(games.uid), gid: gid(games.gid), groups: groups.map(gid) },
    ...{ userName: 'games', groupName: 'games', homeDirectory: '/', shell: '/bin/sh' },
  },
  python: '/usr/bin/python3',
  environment: { PATH: '/usr/bin:/bin', SECRET: 'x', LC_ALL: 'C.UTF-8', TMPDIR: '/tmp' },
  ...{ chroot: null, home: null, cpuPriority: 0, shutdownTimeout: milliseconds(5000) },
  ...{ cpuTimeLimit: milliseconds(0), memoryLimit: bytes(0), virtualMemoryLimit: bytes(0) },
}

// Says what it sees of itself, then lives until its standard input ends.
const program = `
import os, sys
def attempt(call, *arguments):
    try:
        call(*arguments)
        return "done"
    except OSError as error:
        return error.strerror
print(os.getcwd(), os.environ["TMPDIR"], attempt(os.chroot, "/tmp"), attempt(os.setuid, 0), sep="|", flush=True)
sys.stdin.read()
`

/** Starts a command and waits for its first line. */
async function started(command: Command): Promise<Readonly<{ pid: number; said: string }>> {
  const child = spawn(command.file, command.args, { cwd: '/', env: command.env, stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  atEnd(async () => {
    child.stdin.end()
    await exited
  })
  const [said] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return { pid: child.pid ?? 0, said }
}

async function startedAs(wanted: Partial<Launch>, privileged = isRoot) {
  const site = await makeSite()
  const path = await site.write('program.py', program)
  return started(workerCommand(findTools(), { ...group, ...wanted }, { privileged, program: path }))
}

asRoot(
  'a process of a group has its uids, gids and groups, no capability in any set, and no new privileges',
  async () => {
    const { pid, said } = await startedAs({})
    expect(statusOf(pid)).toMatchObject({
      Uid: Array(4).fill(games.uid).join('\t'),
      Gid: Array(4).fill(games.gid).join('\t'),
      Groups: groups.join(' '),
      ...{
        CapInh: noCapability,
        CapPrm: noCapability,
        CapEff: noCapability,
        CapBnd: noCapability,
        CapAmb: noCapability,
      },
      NoNewPrivs: '1',
    })
    expect(environmentOf(pid)).toEqual(group.environment)
    expect(said).toBe('/|/tmp|Operation not permitted|Operation not permitted')
  },
)

test('cpu-time-limit, memory-limit and virtual-memory-limit are limits of the kernel', async () => {
  const { pid } = await startedAs({
    cpuTimeLimit: milliseconds(90_500),
    memoryLimit: bytes(512 * 1024 ** 2),
    virtualMemoryLimit: bytes(2 * 1024 ** 3),
  })
  expect(limitsOf(pid)).toMatchObject({
    'Max cpu time': { soft: '91', hard: '97' },
    'Max data size': { soft: '536870912', hard: '536870912' },
    'Max address space': { soft: '2147483648', hard: '2147483648' },
    'Max core file size': { soft: '0', hard: '0' },
  })
})

test('cpu-priority is added to the niceness', async () => {
  const { pid } = await startedAs({ cpuPriority: 3 })
  expect(getPriority(pid)).toBe(Math.min(getPriority(process.pid) + 3, 19))
})

asRoot('a negative cpu-priority takes precedence, and the process is the tenant’s all the same', async () => {
  const { pid } = await startedAs({ cpuPriority: -4 })
  expect(getPriority(pid)).toBe(Math.max(getPriority(process.pid) - 4, -20))
  expect(statusOf(pid)).toMatchObject({ Uid: Array(4).fill(games.uid).join('\t'), CapEff: noCapability })
})

const jail = forTheFile(makeJail)

asRoot('in a chroot a process has its identity, no capability and no way out', async () => {
  const root = await jail()
  await writeFile(join(root, 'program.py'), program)
  const launch = { ...group, chroot: root, home: '/tmp' }
  const { pid, said } = await started(workerCommand(findTools(), launch, { privileged: true, program: '/program.py' }))
  expect(readlinkSync(`/proc/${pid}/root`)).toBe(root)
  expect(statusOf(pid)).toMatchObject({
    Uid: Array(4).fill(games.uid).join('\t'),
    Gid: Array(4).fill(games.gid).join('\t'),
    Groups: groups.join(' '),
    ...{ CapInh: noCapability, CapPrm: noCapability, CapEff: noCapability, CapAmb: noCapability },
    NoNewPrivs: '1',
  })
  expect(environmentOf(pid)).toEqual(group.environment)
  expect(said).toBe('/tmp|/tmp|Operation not permitted|Operation not permitted')
  // A descriptor of a directory outside would be a way out: fchdir(2).
  const descriptors = [...descriptorsOf(pid).keys()]
  expect(descriptors.filter((fd) => statSync(`/proc/${pid}/fd/${fd}`).isDirectory())).toEqual([])
})

asRoot('the template and a worker live in a chroot, from a copy of the code that only root can change', async () => {
  const root = await jail()
  await writeFile(join(root, 'app.py'), 'def application(environ, start_response): pass\n')
  const place = { runDir: '/run/of-this-test', source: fileURLToPath(new URL('../../src/worker', import.meta.url)) }
  copyIntoChroot(root, place)
  copyIntoChroot(root, place)
  const command = workerCommand(
    findTools(),
    { ...group, chroot: root, home: '/tmp' },
    { privileged: true, program: programInChroot(place.runDir) },
  )
  const template = await startTemplate(command)
  template.tell(configuration)
  template.tell({ type: 'fork', worker: 1, slot: 0 })
  const loaded = await template.heard('loaded')
  expect(loaded).toMatchObject({ type: 'loaded', worker: 1 })
  const worker = Number((await template.heard('forked'))['pid'])
  expect(readlinkSync(`/proc/${worker}/root`)).toBe(root)
  expect(processRow(worker)?.parent).toBe(template.pid)
  template.tell({ type: 'signal', worker: 1, signal: 'KILL' })
  await template.heard('exited')
  template.tell({ type: 'retire-template' })
  expect(await template.exitCode).toBe(0)
  removeFromChroot(root, place.runDir)
  expect(existsSync(join(root, programInChroot(place.runDir)))).toBe(false)
})

const configuration: TemplateConfiguration = {
  ...{
    type: 'configure',
    group: 'a',
    applicationGroup: '',
    displayName: 'wsgid: a',
    slots: 1,
    threads: 2,
    processes: 1,
  },
  ...{ preload: false, onDemand: false },
  ...{ home: '/tmp', pythonPath: [], preloadScripts: [], umask: null, switchIntervalSeconds: null, stackSize: 0 },
  ...{
    restrictStdout: 'log',
    scriptReloading: 'rolling',
    scriptUser: null,
    scriptGroup: null,
    scriptDirectories: null,
  },
  ...{ maximumRequests: 0, maximumRequestsJitter: 0, maximumMemoryBytes: 0, inactivityTimeoutSeconds: 0 },
  ...{ slowRequestsSeconds: 0, requestTimeoutSeconds: 60, interruptTimeoutSeconds: 0, deadlockTimeoutSeconds: 60 },
  ...{ gracefulTimeoutSeconds: 1, shutdownTimeoutSeconds: 1 },
  debug: null,
  applications: [anApplicationPlan()],
}

type Heard = Readonly<Record<string, unknown>>

/** Starts a template process with one slot and talks to it as the supervisor does. */
async function startTemplate(command: Command) {
  const site = await makeSite()
  const slot = bindPath(site.path('slot.sock'))
  await writeFile(site.path('scoreboard'), Buffer.alloc(SCOREBOARD_SLOT))
  const scoreboard = openSync(site.path('scoreboard'), 'r+')
  const child = spawn(command.file, command.args, {
    cwd: '/',
    env: command.env,
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'pipe', slot.fd, scoreboard],
  })
  slot.close()
  closeSync(scoreboard)
  const exited = once(child, 'exit')
  atEnd(async () => {
    child.kill('SIGKILL')
    await exited
  })
  const control = child.stdio[3]
  if (!(control instanceof Socket)) throw new Error('no control socket')
  const lines: Heard[] = []
  const reader = createInterface({ input: control })
  reader.on('line', (line) => lines.push(JSON.parse(line) as Heard))
  return {
    pid: child.pid ?? 0,
    exitCode: exited.then(([code]: unknown[]) => code),
    tell: (message: ToTemplate) => control.write(`${JSON.stringify(message)}\n`),
    heard: async (type: string): Promise<Heard> => {
      for (;;) {
        const line = lines.find((each) => each['type'] === type)
        if (line) return line
        const end = lines.find((each) => each['type'] === 'exited' || each['type'] === 'load-error')
        if (end) throw new Error(`waited for ${type}, heard ${JSON.stringify(end)}`)
        await Promise.race([once(reader, 'line'), exited.then(() => Promise.reject(new Error('the template ended')))])
      }
    },
  }
}
