// `wsgid stacks` of workers that hang in each of the ways in which workers hang. One server with a group for each.
import { existsSync } from 'node:fs'
import { expect } from '@jest/globals'
import { aGroupAt } from '../support/a-group.ts'
import { eventually } from '../support/eventually.ts'
import { request } from '../support/http.ts'
import { makeSite } from '../support/site.ts'
import { askControl, runWsgid, runWsgidAs, startWsgid, type RunningWsgid } from '../support/start-wsgid.ts'
import { lineWith } from '../support/stubborn.ts'
import { asRoot, forTheFile, installed, test } from '../support/test.ts'

const pypy = '/usr/bin/pypy3'
const patient = {
  'request-timeout': 0,
  'deadlock-timeout': 0,
  'graceful-timeout': '200ms',
  'shutdown-timeout': '200ms',
}
const at = (name: string, wanted: Readonly<Record<string, unknown>> = {}) =>
  aGroupAt(name, 'stubborn', { ...patient, ...wanted })

const theServer = forTheFile(async () => {
  const site = await makeSite()
  await site.write('apps/hanging_import.py', 'import time\n\ntime.sleep(1000)  # here it loads\n')
  const hanging = (name: string, preload: boolean) => ({
    ...aGroupAt(name, 'hanging_import', { ...patient, preload }),
    ...{ start: 'on-demand', 'startup-timeout': '10m' },
  })
  const groups = [
    ...[at('waits'), at('spins'), at('locked'), at('stopped'), at('idle', { start: 'on-demand' })],
    ...[hanging('loads', false), hanging('preloads', true)],
    ...(existsSync(pypy) ? [at('pypy', { python: pypy })] : []),
  ]
  return startWsgid({
    ...{ site, groups },
    until: ({ groups }) => groups.every(({ name, state }) => state === 'running' || /^idle$|loads$/.test(name)),
  })
})

/** Begins a request that will not end, and waits until `stacks` shows where it is. @returns all that stacks printed */
async function hangAt(server: RunningWsgid, path: string, pattern: RegExp): Promise<string> {
  const [, group = ''] = path.split('/')
  void request(server.url(path), { body: 'not to be repeated' }).catch(() => undefined)
  return eventually(`${String(pattern)} in the stacks of ${group}`, async () => {
    const { stdout } = await server.wsgid('stacks', group)
    return pattern.test(stdout) ? stdout : undefined
  })
}

test('a deadlock: the thread with its request, its time, file and line; the others are counted', async () => {
  const server = await theServer()
  const printed = await hangAt(server, '/waits/wait-for-itself?a=b', /in wait_for_itself/)
  expect(printed).toMatch(
    /^waits: worker \d+, ready, generation 1\n {2}thread wsgid-1: request \S+, \d+\.\d s, POST \/waits\/wait-for-itself\?a=b\n/,
  )
  expect(printed).toContain(
    `/stubborn.py:${lineWith(server.site, 'here it waits for itself')} in wait_for_itself\n      lock.acquire()`,
  )
  expect(printed).toMatch(/\n {2}\d+ threads? idle$/)
})

test('an endless loop: where it is right now', async () => {
  const server = await theServer()
  const printed = await hangAt(server, '/spins/spin', /in spin\n/)
  expect(printed).toMatch(/POST \/spins\/spin\n/)
  const line = lineWith(server.site, 'here it spins')
  expect([line - 1, line].some((each) => printed.includes(`/stubborn.py:${each} in spin\n`))).toBe(true)
})

test('a call of C that keeps the lock of the interpreter: file and line, without Python’s help', async () => {
  const server = await theServer()
  const printed = await hangAt(server, '/locked/hold-everything', /in hold_everything/)
  expect(printed).toContain('could not run Python code')
  expect(printed).toContain(`/stubborn.py:${lineWith(server.site, 'here it holds everything')} in hold_everything`)
  // And again, also when the worker owes the answer to the first question.
  expect((await server.wsgid('stacks', 'locked')).stdout).toContain('in hold_everything')
})

test('a hanging import: its line, and with preload a line in the log', async () => {
  const server = await theServer()
  const loads = await hangAt(server, '/loads', /hanging_import/)
  expect(loads).toMatch(
    /^loads: worker \d+, starting, generation 1\n.*\n {2}thread\n.*hanging_import\.py:3 in <module>/,
  )
  const preloads = await hangAt(server, '/preloads', /template/)
  expect(preloads).toMatch(
    /^preloads: worker, starting, generation 1\n {2}not forked yet: its template process, pid \d+, still loads/,
  )
  await eventually('the stack of the template in the log', async () => {
    await server.wsgid('stacks', 'preloads')
    return /hanging_import\.py", line 3 in <module>/.test(await server.log('preloads')) || undefined
  })
})

test('a worker that was stopped does not answer, which takes no longer than it may; an idle group has none', async () => {
  const server = await theServer()
  const pid = Number((await request(server.url('/stopped/pid'))).text)
  process.kill(pid, 'SIGSTOP')
  try {
    const { stdout, exitCode } = await server.wsgid('stacks', 'stopped')
    expect(exitCode).toBe(0)
    expect(stdout).toBe(
      `stopped: worker ${pid}, ready, generation 1\n  it is stopped by a signal or a tracer (SIGCONT lets it go on)`,
    )
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  // The signals that had waited meanwhile have done no harm.
  expect((await request(server.url('/stopped/pid'))).text).toBe(String(pid))
  expect((await server.wsgid('stacks', 'idle')).stdout).toBe('idle: no worker runs (idle)')
})

test('several who ask at the same time do not spoil it for each other: the worker itself answers all', async () => {
  const server = await theServer()
  const asked = Array.from({ length: 8 }, () => askControl(server.site, '/stacks?group=waits'))
  const answers = (await Promise.all(asked)).map(({ text }) => JSON.parse(text) as unknown)
  for (const answer of answers) expect(answer).toMatchObject({ group: 'waits', workers: [{ by: 'worker', note: '' }] })
})

test(
  'PyPy tells its stacks too',
  async () => {
    const printed = await hangAt(await theServer(), '/pypy/wait-for-itself', /in wait_for_itself/)
    expect(printed).toMatch(/thread wsgid-1: request \S+, \d+\.\d s, POST \/pypy\/wait-for-itself\n/)
  },
  { needs: [installed(pypy)] },
)

asRoot('only who may ask the supervisor sees stacks', async () => {
  const { configFile } = await theServer()
  expect(await runWsgidAs('games', 'stacks', 'waits', '-c', configFile)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('permission denied'),
  })
})

test('stacks --json has the same; a wrong name is told, and nothing that runs is 3', async () => {
  const server = await theServer()
  const { stdout } = await server.wsgid('stacks', 'stopped', '--json')
  expect(JSON.parse(stdout)).toMatchObject({ group: 'stopped', workers: [{ by: 'worker', threads: [] }] })
  expect(await server.wsgid('stacks', 'stoped')).toMatchObject({
    exitCode: 1,
    stderr: 'wsgid: stacks: unknown group "stoped": did you mean "stopped"?',
  })
  expect(await server.wsgid('stacks')).toMatchObject({ exitCode: 2 })
  const elsewhere = server.site.path('elsewhere.yaml')
  expect(await runWsgid('stacks', 'shop', '-c', elsewhere)).toMatchObject({ exitCode: 3 })
})
