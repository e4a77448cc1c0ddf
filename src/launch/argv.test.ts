import { expect, test } from '@jest/globals'
import type { Identity } from '../plan/plan.ts'
import { gid, uid } from '../units.ts'
import { routerCommand, workerCommand } from './argv.ts'

const tools = { setpriv: '/usr/bin/setpriv', prlimit: '/usr/bin/prlimit', env: '/usr/bin/env' }
const identity: Identity = {
  ...{ uid: uid(1001), gid: gid(1002), groups: [gid(33), gid(1002)] },
  ...{ userName: 'trac', groupName: 'trac', homeDirectory: '/srv/trac', shell: '/bin/sh' },
}
const worker = {
  privileged: true,
  identity,
  python: '/srv/trac/venv/bin/python',
  program: '/run/wsgid/lib/worker',
  environment: { PATH: '/usr/bin', TRAC_ENV: '/srv/trac/env' },
}

test('a worker of root is a chain of prlimit, setpriv and Python, with every privilege dropped before Python', () => {
  const { file, args, env } = workerCommand(tools, worker)
  expect([file, ...args].join(' ')).toBe(
    '/usr/bin/prlimit --core=0 -- /usr/bin/setpriv --reuid=1001 --regid=1002 --groups=33,1002 --no-new-privs --inh-caps=-all ' +
      '--ambient-caps=-all --bounding-set=-all --pdeathsig=HUP -- /srv/trac/venv/bin/python /run/wsgid/lib/worker',
  )
  expect(env).toEqual(worker.environment)
})

test('an empty list of groups is an empty list, not the supervisor’s', () => {
  expect(workerCommand(tools, { ...worker, identity: { ...identity, groups: [] } }).args).toContain('--clear-groups')
})

test('without root the identity stays and only no_new_privs is set', () => {
  const { file, args } = workerCommand(tools, { ...worker, privileged: false })
  expect([file, ...args].join(' ')).toBe(
    '/usr/bin/prlimit --core=0 -- /usr/bin/setpriv --no-new-privs --inh-caps=-all --pdeathsig=HUP -- /srv/trac/venv/bin/python /run/wsgid/lib/worker',
  )
})

for (const name of ['LD_PRELOAD', 'LD_LIBRARY_PATH', 'GCONV_PATH', 'LOCPATH', 'GLIBC_TUNABLES', 'TZ', 'LANGUAGE']) {
  test(`${name} of a tenant is kept from the programs that still run as root, and reaches Python`, () => {
    const { args, env } = workerCommand(tools, {
      ...worker,
      environment: { ...worker.environment, [name]: '/srv/evil' },
    })
    expect(env).toEqual(worker.environment)
    expect(args.slice(args.lastIndexOf('--pdeathsig=HUP'))).toEqual([
      ...['--pdeathsig=HUP', '--', '/usr/bin/env', '--', `${name}=/srv/evil`],
      ...[worker.python, worker.program],
    ])
  })
}

test('a router of root keeps setuid and setgid alone, to take its identity by itself', () => {
  const { file, args } = routerCommand(tools, { privileged: true, program: '/opt/wsgid/router.js', environment: {} })
  expect([file, ...args]).toEqual([
    ...[tools.setpriv, '--no-new-privs', '--inh-caps=-all', '--bounding-set=-all,+setuid,+setgid'],
    ...['--', process.execPath, '/opt/wsgid/router.js'],
  ])
})
