import { expect, test } from '@jest/globals'
import { renderPlace } from '../config/diagnostics.ts'
import { aConfiguration, someFacts, type Machine } from '../../test/support/facts.ts'
import { makePlan } from './make-plan.ts'
import type { GroupPlan } from './plan.ts'

const app = 'applications: [{ script: /srv/app.wsgi }]\n'

type Asked = Readonly<{ options?: string; server?: string; on?: Machine; applications?: string }>

function plan({ options = '', server, on, applications = app }: Asked) {
  const configuration = aConfiguration({ a: `user: trac\n${options}\n${applications}` }, server)
  return makePlan(configuration, someFacts(configuration, on))
}

function planned(asked: Asked): GroupPlan {
  const result = plan(asked)
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.diagnostics)}`)
  const [group] = result.plan.groups
  if (!group) throw new Error('no group')
  return group
}

function errors(asked: Asked): readonly string[] {
  const result = plan(asked)
  return result.ok ? [] : result.diagnostics.map((each) => `${renderPlace(each)}: ${each.what}`)
}

test('a group that says nothing has the documented defaults', () => {
  const { identity: _i, environment: _e, applications: _a, ...settings } = planned({})
  expect(settings).toEqual({
    ...{ name: 'a', processGroup: 'a', applicationGroup: '', source: 'groups.d/a.yaml', displayName: 'wsgid: a' },
    preloadScripts: [],
    ...{ processes: 1, minimumProcesses: 1, maximumProcesses: 1, threads: 15 },
    ...{ start: 'always', preload: false, scriptReloading: 'rolling', restrictStdout: 'log' },
    ...{ home: null, python: '/usr/bin/python3', pythonPath: [], switchInterval: null },
    ...{ umask: null, chroot: null, scriptUser: null, scriptGroup: null, scriptDirectories: null },
    ...{ cpuPriority: 0, cpuTimeLimit: 0, memoryLimit: 0, virtualMemoryLimit: 0, maximumMemory: 0, stackSize: 0 },
    ...{ maximumRequests: 0, maximumRequestsJitter: 0, restartInterval: 0, inactivityTimeout: 0 },
    ...{
      slowRequests: 0,
      requestTimeout: 60_000,
      interruptTimeout: 0,
      deadlockTimeout: 60_000,
      startupTimeout: 30_000,
    },
    ...{ gracefulTimeout: 15_000, evictionTimeout: 15_000, shutdownTimeout: 5000 },
    ...{ connectTimeout: 15_000, socketTimeout: 60_000, responseSocketTimeout: 60_000, queueTimeout: 45_000 },
    ...{ listenBacklog: 100, limitRequestBody: 0, responseBufferSize: 8_388_608, accessLog: null },
  })
})

test.each<[written: string, expected: Partial<GroupPlan>]>([
  ['umask: 027', { umask: 0o027 }],
  ['umask: 0027', { umask: 0o027 }],
  ['umask: "0027"', { umask: 0o027 }],
  ['umask: 0o27', { umask: 0o027 }],
  ['umask: 77', { umask: 0o077 }],
  ['umask: 0', { umask: 0 }],
  ['chroot: /', { chroot: null }],
  ['python-path: lib', { pythonPath: ['/etc/wsgid/groups.d/lib'] }],
  ['python-path: [/a, /b]', { pythonPath: ['/a', '/b'] }],
  ['python-path: /a:/b', { pythonPath: ['/a', '/b'] }],
  ['python-home: /srv/venv', { python: '/srv/venv/bin/python3' }],
  ['display-name: "(wsgi:%{GROUP}) %{GROUP}"', { displayName: '(wsgi:a) a' }],
  ['switch-interval: 1ms', { switchInterval: 1 as GroupPlan['switchInterval'] }],
  ['script-user: trac', { scriptUser: 1001 as GroupPlan['scriptUser'] }],
  ['script-user: 77', { scriptUser: 77 as GroupPlan['scriptUser'] }],
  ['script-group: staff', { scriptGroup: 50 as GroupPlan['scriptGroup'] }],
  ['cpu-priority: -5', { cpuPriority: -5 }],
  ['preload: true', { preload: true }],
  ['processes: 3', { minimumProcesses: 3, maximumProcesses: 3 }],
  ['maximum-processes: 8', { processes: 1, minimumProcesses: 1, maximumProcesses: 8 }],
  ['processes: 2\nmaximum-processes: 8', { processes: 2, minimumProcesses: 2, maximumProcesses: 8 }],
  ['minimum-processes: 2\nmaximum-processes: 8', { processes: 2, minimumProcesses: 2, maximumProcesses: 8 }],
  ['minimum-processes: 2\nprocesses: 4', { processes: 4, minimumProcesses: 2, maximumProcesses: 4 }],
])('%s is understood', (options, expected) => {
  expect(planned({ options })).toMatchObject(expected)
})

test.each([
  ['graceful-timeout: 1m', 'evictionTimeout', 60_000],
  ['graceful-timeout: 1m\neviction-timeout: 5', 'evictionTimeout', 5000],
  ['socket-timeout: 5m', 'responseSocketTimeout', 300_000],
  ['socket-timeout: 5m\nresponse-socket-timeout: 0', 'responseSocketTimeout', 0],
  ['start: on-demand', 'inactivityTimeout', 600_000],
  ['start: on-demand\ninactivity-timeout: 0', 'inactivityTimeout', 0],
  ['inactivity-timeout: 1h', 'inactivityTimeout', 3_600_000],
  ['request-timeout: 0', 'requestTimeout', 0],
  ['slow-requests: 5s', 'slowRequests', 5000],
  ['interrupt-timeout: 500ms', 'interruptTimeout', 500],
  ['deadlock-timeout: 0', 'deadlockTimeout', 0],
  ['restart-interval: 1d', 'restartInterval', 86_400_000],
  ['connect-timeout: 1', 'connectTimeout', 1000],
  ['queue-timeout: 0', 'queueTimeout', 0],
  ['listen-backlog: 5', 'listenBacklog', 5],
  ['cpu-time-limit: 1h', 'cpuTimeLimit', 3_600_000],
  ['memory-limit: 1GiB', 'memoryLimit', 1024 ** 3],
  ['virtual-memory-limit: 4GiB', 'virtualMemoryLimit', 4 * 1024 ** 3],
  ['maximum-memory: 512MiB', 'maximumMemory', 512 * 1024 ** 2],
  ['stack-size: 512KiB', 'stackSize', 524_288],
  ['maximum-requests: 5\nmaximum-requests-jitter: 2', 'maximumRequestsJitter', 2],
  ['maximum-requests: 5', 'maximumRequests', 5],
  ['restrict-stdout: error', 'restrictStdout', 'error'],
  ['script-reloading: immediate', 'scriptReloading', 'immediate'],
  ['start: on-demand', 'start', 'on-demand'],
] as const)('%s makes %s %s, in a group file and in defaults', (options, name, expected) => {
  expect(planned({ options })[name]).toBe(expected)
  expect(planned({ server: `defaults: { ${options.replace('\n', ', ')} }` })[name]).toBe(expected)
})

test('lang sets LANG and LC_ALL, locale LC_ALL alone, python-eggs PYTHON_EGG_CACHE', () => {
  const on = { files: { '/srv/eggs': { kind: 'directory', uid: 1001, mode: 0o700 } } } as const
  expect(planned({ options: 'lang: de_DE.UTF-8' }).environment).toMatchObject({
    LANG: 'de_DE.UTF-8',
    LC_ALL: 'de_DE.UTF-8',
  })
  expect(planned({ options: 'locale: de_DE.UTF-8\npython-eggs: /srv/eggs', on }).environment).toMatchObject({
    LANG: 'C.UTF-8',
    LC_ALL: 'de_DE.UTF-8',
    PYTHON_EGG_CACHE: '/srv/eggs',
  })
})

test('one of two exclusive options in a group file takes the place of the other one in defaults', () => {
  const server = 'defaults: { python: /srv/python3, script-user: games }'
  expect(planned({ server })).toMatchObject({ python: '/srv/python3', scriptUser: 1002, scriptGroup: null })
  const options = 'python-home: /srv/venv\nscript-group: staff'
  expect(planned({ server, options })).toMatchObject({
    python: '/srv/venv/bin/python3',
    scriptUser: null,
    scriptGroup: 50,
  })
})

test('python-home has bin/python3 or bin/python', () => {
  const files = { '/srv/venv/bin/python3': null }
  expect(planned({ options: 'python-home: /srv/venv', on: { files } }).python).toBe('/srv/venv/bin/python')
  const none = { ...files, '/srv/venv/bin/python': null }
  expect(errors({ options: 'python-home: /srv/venv', on: { files: none } })).toEqual([
    'groups.d/a.yaml:2:14: python-home "/srv/venv" has no bin/python3 and no bin/python',
  ])
})

const place = 'groups.d/a.yaml'

test.each([
  [
    'minimum-processes: 3\nprocesses: 2',
    [`${place}:2:20: minimum-processes is 3, above the number of processes that the group starts with, 2`],
  ],
  [
    'processes: 4\nmaximum-processes: 2',
    [`${place}:3:20: maximum-processes is 2, below the number of processes that the group starts with, 4`],
  ],
  [
    'minimum-processes: 5\nmaximum-processes: 2',
    [`${place}:3:20: maximum-processes is 2, below the number of processes that the group starts with, 5`],
  ],
  ['maximum-requests-jitter: 5', [`${place}:2:26: maximum-requests-jitter has nothing to vary: maximum-requests is 0`]],
  ['request-timeout: 0\ninterrupt-timeout: 5', [`${place}:3:20: interrupt-timeout never begins: request-timeout is 0`]],
  ['slow-requests: 2m', [`${place}:2:16: slow-requests (120000 ms) is never reached: request-timeout is 60000 ms`]],
  [
    'maximum-memory: 2GiB\nvirtual-memory-limit: 1GiB',
    [`${place}:2:17: maximum-memory (2147483648 bytes) is never reached: virtual-memory-limit is 1073741824 bytes`],
  ],
  ['script-user: trak', [`${place}:2:14: there is no user "trak" on this machine`]],
  ['script-group: trak', [`${place}:2:15: there is no group "trak" on this machine`]],
])('%j is refused at its place', (options, expected) => {
  expect(errors({ options })).toEqual(expected)
})

test('script-user beside a module is refused: nobody knows whose file Python will find', () => {
  const applications = 'applications: [{ module: pkg }]'
  expect(errors({ options: 'script-user: trac', applications })).toEqual([
    `${place}:2:14: script-user cannot be checked: the application at "/" is a module`,
  ])
})

test('a contradiction with defaults is told where it was written', () => {
  expect(errors({ options: 'processes: 4', server: 'defaults: { maximum-processes: 2 }' })).toEqual([
    'wsgid.yaml:1:32: maximum-processes is 2, below the number of processes that the group starts with, 4',
  ])
})

test('without root a negative cpu-priority and a chroot are refused', () => {
  const on = { uid: 1001, files: { '/tmp/wsgid-1001': null, '/home/trac/.local/state/wsgid': null } }
  expect(errors({ options: 'cpu-priority: -1', on })).toEqual([`${place}:2:15: cpu-priority -1 needs root`])
  expect(errors({ options: 'chroot: /srv/jail', on })).toEqual([`${place}:2:9: chroot needs root`])
  expect(planned({ options: 'cpu-priority: 1', on }).cpuPriority).toBe(1)
})

test.each([
  ['python-path: /srv/lib', '/srv/lib', { mode: 0o777 }, 'is writable by everyone (root:root 0777)'],
  ['python-path: /srv/lib', '/srv/lib', { gid: 50, mode: 0o775 }, 'is writable by group "staff"'],
  ['python-path: /srv/lib', '/srv/lib', null, 'python-path "/srv/lib" does not exist'],
  ['python-eggs: /srv/eggs', '/srv/eggs', {}, 'cannot be written to by user "trac": root:root 0755'],
  ['home: /srv/home', '/srv/home', { mode: 0o700 }, 'cannot be entered by user "trac": root:root 0700'],
])('%s with an unfit %s is refused', (options, path, file, expected) => {
  const kind = 'directory' as const
  const told = errors({ options, on: { files: { [path]: file && { kind, ...file } } } })
  expect(told).toHaveLength(1)
  expect(told[0]).toContain(expected)
})

test.each([
  [
    'server',
    'access-log: json\n',
    { access: '' },
    'groups.d/access.yaml: the log access.log is also that of wsgid.yaml:1:13',
  ],
  [
    'another group',
    '',
    { a: 'access-log: json\n', 'a.access': '' },
    'groups.d/a.access.yaml: the log a.access.log is also that of groups.d/a.yaml:2:13',
  ],
])('a group whose log is that of the %s is refused', (_whose, server, texts, message) => {
  const files = Object.entries(texts).map(([name, text]) => [
    name,
    `user: trac\n${text}applications: [{ mount: /${name}, module: m }]`,
  ])
  const configuration = aConfiguration(Object.fromEntries(files) as Record<string, string>, server)
  const result = makePlan(configuration, someFacts(configuration))
  expect(result.ok ? [] : result.diagnostics.map((each) => `${renderPlace(each)}: ${each.what}`)).toEqual([message])
})

test.each<[string, GroupPlan['accessLog']]>([
  ['', null],
  ['access-log: json', 'json'],
  ['access-log: off', 'off'],
])('access-log of a group: %j', (options, accessLog) => expect(planned({ options }).accessLog).toBe(accessLog))
