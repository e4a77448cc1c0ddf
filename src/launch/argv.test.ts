import { expect, test } from '@jest/globals'
import type { Identity } from '../plan/plan.ts'
import { bytes, gid, milliseconds, uid } from '../units.ts'
import { routerCommand, workerCommand, type Launch } from './argv.ts'

const tools = {
  ...{ setpriv: '/usr/bin/setpriv', prlimit: '/usr/bin/prlimit', env: '/usr/bin/env' },
  ...{ nice: '/usr/bin/nice', chroot: '/usr/sbin/chroot' },
}
const identity: Identity = {
  ...{ uid: uid(1001), gid: gid(1002), groups: [gid(33), gid(1002)] },
  ...{ userName: 'trac', groupName: 'trac', homeDirectory: '/srv/trac', shell: '/bin/sh' },
}
const group: Launch = {
  identity,
  python: '/srv/trac/venv/bin/python',
  environment: { PATH: '/usr/bin', TRAC_ENV: '/srv/trac/env' },
  ...{ chroot: null, home: null, cpuPriority: 0, shutdownTimeout: milliseconds(5000) },
  ...{ cpuTimeLimit: milliseconds(0), memoryLimit: bytes(0), virtualMemoryLimit: bytes(0) },
}
const asRoot = { privileged: true, program: '/run/wsgid/lib/worker' }

function commandLine(wanted: Partial<Launch>, place = asRoot): string {
  const { file, args } = workerCommand(tools, { ...group, ...wanted }, place)
  return [file, ...args].join(' ')
}

const drop =
  '/usr/bin/setpriv --reuid=1001 --regid=1002 --groups=33,1002 --no-new-privs --inh-caps=-all --ambient-caps=-all --bounding-set=-all --pdeathsig=HUP --'
const python = '/srv/trac/venv/bin/python /run/wsgid/lib/worker'

test('a worker of root is a chain of prlimit, setpriv and Python, with every privilege dropped before Python', () => {
  expect(commandLine({})).toBe(`/usr/bin/prlimit --core=0 -- ${drop} ${python}`)
  expect(workerCommand(tools, group, asRoot).env).toEqual(group.environment)
})

test('an empty list of groups is an empty list, not the supervisor’s', () => {
  expect(commandLine({ identity: { ...identity, groups: [] } })).toContain('--clear-groups')
})

test('without root the identity stays and only no_new_privs is set', () => {
  expect(commandLine({}, { ...asRoot, privileged: false })).toBe(
    `/usr/bin/prlimit --core=0 -- /usr/bin/setpriv --no-new-privs --inh-caps=-all --pdeathsig=HUP -- ${python}`,
  )
})

test.each<[option: string, Partial<Launch>, expected: string]>([
  ['cpu-priority', { cpuPriority: -5 }, '/usr/bin/nice -n -5 /usr/bin/prlimit --core=0 --'],
  ['cpu-time-limit', { cpuTimeLimit: milliseconds(60_000) }, '/usr/bin/prlimit --core=0 --cpu=60:66 --'],
  [
    'cpu-time-limit in parts of a second',
    { cpuTimeLimit: milliseconds(1001), shutdownTimeout: milliseconds(1) },
    '/usr/bin/prlimit --core=0 --cpu=2:4 --',
  ],
  ['memory-limit', { memoryLimit: bytes(1024) }, '/usr/bin/prlimit --core=0 --data=1024 --'],
  ['virtual-memory-limit', { virtualMemoryLimit: bytes(2048) }, '/usr/bin/prlimit --core=0 --as=2048 --'],
])('%s is set before the identity is taken', (_option, wanted, expected) => {
  expect(commandLine(wanted)).toBe(`${expected} ${drop} ${python}`)
})

test('in a chroot the host’s chroot takes the identity, by numbers that nobody looks up in there', () => {
  const jailed = { chroot: '/srv/jail', home: '/app', python: '/usr/bin/python3' }
  const place = { privileged: true, program: '/.wsgid-1/worker' }
  expect(commandLine({ ...jailed, environment: { A: '1', TMPDIR: '/tmp', LC_ALL: 'C.UTF-8' } }, place)).toBe(
    '/usr/bin/prlimit --core=0 -- /usr/bin/setpriv --no-new-privs --inh-caps=-all --ambient-caps=-all ' +
      '--bounding-set=-all,+sys_chroot,+setuid,+setgid -- /usr/sbin/chroot --userspec=+1001:+1002 --groups=+33,+1002 /srv/jail ' +
      '/usr/bin/env --chdir=/app -- TMPDIR=/tmp LC_ALL=C.UTF-8 /usr/bin/python3 /.wsgid-1/worker',
  )
})

for (const name of [
  'LD_PRELOAD',
  'LD_LIBRARY_PATH',
  'GCONV_PATH',
  'LOCPATH',
  'GLIBC_TUNABLES',
  'TZ',
  'LANGUAGE',
  'LC_ALL',
]) {
  test(`${name} of a tenant is kept from the programs that still run as root, and reaches Python`, () => {
    const environment = { ...group.environment, [name]: '/srv/evil' }
    expect(workerCommand(tools, { ...group, environment }, asRoot).env).toEqual(group.environment)
    expect(commandLine({ environment })).toBe(
      `/usr/bin/prlimit --core=0 -- ${drop} /usr/bin/env -- ${name}=/srv/evil ${python}`,
    )
  })
}

test('a variable that steers nothing shows in no argument: it may be a secret of env-file', () => {
  const environment = { ...group.environment, PASSWORD: 's3cret', LDAP_PASSWORD: 's3cret', TZ: 'UTC' }
  for (const chroot of [null, '/srv/jail']) {
    expect(commandLine({ environment, chroot })).not.toContain('s3cret')
    expect(commandLine({ environment, chroot }, { ...asRoot, privileged: false })).not.toContain('s3cret')
  }
})

test('a router of root keeps setuid and setgid alone, to take its identity by itself', () => {
  const { file, args } = routerCommand(tools, { privileged: true, program: '/opt/wsgid/router.js', environment: {} })
  expect([file, ...args]).toEqual([
    ...[tools.setpriv, '--no-new-privs', '--inh-caps=-all', '--bounding-set=-all,+setuid,+setgid'],
    ...['--', process.execPath],
    ...['--min-semi-space-size=2', '--max-semi-space-size=2', '--no-parallel-scavenge', '--expose-gc'],
    '/opt/wsgid/router.js',
  ])
})
