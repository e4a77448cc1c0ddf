// `wsgid logs` as an operator uses it: with a server and without one, in a pipe and in a terminal.
import { execa } from 'execa'
import { renameSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { expect } from '@jest/globals'
import { aGroup } from '../support/a-group.ts'
import { request } from '../support/http.ts'
import { makeSite } from '../support/site.ts'
import { runWsgid, runWsgidAs, startWsgid, writeConfiguration } from '../support/start-wsgid.ts'
import { inTerminal, terminals } from '../support/terminal.ts'
import { asRoot, test } from '../support/test.ts'

const printing = `
def application(environ, start_response):
    print('asked for', environ['PATH_INFO'])
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [environ.get('UNIQUE_ID', '').encode()]
`

/** The configuration of a server that does not run, with the logs that it has left. */
async function left(logs: Readonly<Record<string, string>>, config = {}) {
  const site = await makeSite()
  const configFile = await writeConfiguration(site, { groups: [aGroup({ name: 'shop' })], config })
  await mkdir(site.path('log'))
  for (const [name, text] of Object.entries(logs)) writeFileSync(site.path('log', name), text)
  return { site, logs: (...args: readonly string[]) => runWsgid('logs', ...args, '-c', configFile) }
}

const lineAt = (time: string, text: string): string => `2026-01-31T${time}:00.000Z [info] group=shop ${text}\n`

test('with nothing running, logs prints the last lines of a group, and of the server without a name', async () => {
  const { logs } = await left({ 'shop.log': 'one\ntwo\nthree\n', 'wsgid.log': 'server\n' })
  expect(await logs('shop', '-n', '2')).toEqual({ exitCode: 0, stdout: 'two\nthree', stderr: '' })
  expect(await logs()).toEqual({ exitCode: 0, stdout: 'server', stderr: '' })
})

test('what the log lacks of the wanted lines comes from the files that were put aside', async () => {
  const { logs } = await left({ 'shop.log.2': '1\n2\n', 'shop.log.1': '3\n4\n', 'shop.log': '5\n' })
  const last = async (count: string) => (await logs('shop', '-n', count)).stdout.split('\n').join(' ')
  expect(await last('1')).toBe('5')
  expect(await last('4')).toBe('2 3 4 5')
  expect(await last('9')).toBe('1 2 3 4 5')
  expect(await last('0')).toBe('')
})

test('--since takes lines from a time on, also those that logrotate has put aside', async () => {
  const { logs } = await left({
    'shop.log.2': lineAt('08:00', 'oldest'),
    'shop.log.1': lineAt('10:00', 'old') + lineAt('11:00', 'rotated'),
    'shop.log': lineAt('12:00', 'new') + '  of two lines\n' + lineAt('13:00', 'newest'),
  })
  const since = async (...args: readonly string[]) => (await logs('shop', '--since', ...args)).stdout
  expect(await since('2026-01-31T11:00Z')).toMatch(/^\S+ \S+ \S+ rotated\n.*new\n {2}of two lines\n.*newest$/)
  expect(await since('2026-01-31T11:00Z', '-n', '1')).toMatch(/^.*newest$/)
  expect(await since('5m')).toBe('')
})

test('a wrong name is told with the nearest one, a group that has logged nothing is no error', async () => {
  const { logs } = await left({ 'wsgid.log': '' })
  const wrong = await logs('sop')
  expect(wrong).toMatchObject({ exitCode: 1, stderr: 'wsgid: logs: unknown group "sop": did you mean "shop"?' })
  expect(await logs('shop')).toMatchObject({
    exitCode: 0,
    stdout: '',
    stderr: expect.stringContaining('nothing is logged yet'),
  })
})

test('logs that go to stderr are not looked for', async () => {
  const { logs } = await left({}, { 'log-dir': '-' })
  expect(await logs()).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/log-dir is "-".*journalctl/) })
})

test('wrong arguments are usage errors with a hint', async () => {
  const expectUsageError = async (args: readonly string[], hint: RegExp): Promise<void> => {
    const result = await runWsgid('logs', ...args)
    expect(result).toMatchObject({ exitCode: 2, stdout: '' })
    expect(result.stderr).toMatch(hint)
  }
  await expectUsageError(['-n', 'many'], /whole number/)
  await expectUsageError(['--since', 'yesterday'], /duration such as 10m/)
  await expectUsageError(['--request', 'a b'], /error page/)
  await expectUsageError(['a', 'b'], /too many arguments/)
})

asRoot('who may not read the logs is told so', async () => {
  const { site } = await left({ 'shop.log': 'secret\n' })
  await execa('chmod', ['0700', site.path('log')])
  expect(await runWsgidAs('games', 'logs', 'shop', '-c', site.path('wsgid.yaml'))).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/permission denied; run this as root/),
  })
})

test('--request finds what one request has printed', async () => {
  const site = await makeSite()
  await site.write('apps/printing.wsgi', printing)
  const groups = [aGroup({ name: 'shop', applications: [{ mount: '/', script: '../apps/printing.wsgi' }] })]
  await using server = await startWsgid({ site, groups })
  await request(server.url('/first'))
  await request(server.url('/second'))
  const line = await server.logLine('shop', /asked for \/second/)
  const [, id = ''] = / request=(\S+) /.exec(line) ?? []
  const found = await server.wsgid('logs', 'shop', '--request', id)
  expect(found.stdout).toMatch(/^.*asked for \/second$/)
})

test(
  'in a terminal -f follows over a rotation until Ctrl-C',
  async () => {
    const site = await makeSite()
    await site.write('apps/printing.wsgi', printing)
    const groups = [aGroup({ name: 'shop', applications: [{ mount: '/', script: '../apps/printing.wsgi' }] })]
    await using server = await startWsgid({ site, groups })
    await request(server.url('/first'))
    await server.logLine('shop', /asked for \/first/)
    const terminal = await inTerminal(['logs', 'shop', '-f', '-c', server.configFile])
    await terminal.shows(/asked for \/first/)
    const log = site.path('log', 'shop.log')
    renameSync(log, `${log}.1`)
    await request(server.url('/second'))
    await terminal.shows(/asked for \/second/)
    process.kill(server.pid, 'SIGUSR1')
    await request(server.url('/third'))
    await terminal.shows(/asked for \/third/)
    expect(terminal.output.match(/asked for/g)).toHaveLength(3)
    terminal.type('\x03')
    expect(await terminal.exitCode()).toBe(130)
  },
  { needs: [terminals] },
)
