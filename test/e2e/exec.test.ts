// `wsgid exec` and `wsgid shell` as an operator uses them, with no server running.
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect } from '@jest/globals'
import { aGroup } from '../support/a-group.ts'
import { account } from '../support/accounts.ts'
import { eventually } from '../support/eventually.ts'
import { makeJail } from '../support/jail.ts'
import { makeSite } from '../support/site.ts'
import { program, runWsgid, runWsgidAs, writeConfiguration } from '../support/start-wsgid.ts'
import { inTerminal, terminals } from '../support/terminal.ts'
import { asRoot, atEnd, test } from '../support/test.ts'

async function aShop(): Promise<string> {
  const site = await makeSite()
  await site.write('home/of_the_shop.py', 'answer = 42\n')
  const shop = aGroup({ name: 'shop', home: '../home', umask: '0027', env: { SHOP: 'open' } })
  return writeConfiguration(site, { groups: [shop] })
}

asRoot('exec runs as the user of the group, without a way back, in its environment and directory', async () => {
  const config = await aShop()
  const script =
    'id -un; pwd; umask; echo $SHOP; env | grep -c NODE; grep -E "CapEff|CapBnd|NoNewPrivs" /proc/self/status'
  const { stdout, exitCode } = await runWsgid('exec', '-c', config, 'shop', '--', 'sh', '-c', script)
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^www-data\n.*\/home\n0027\nopen\n0\nCapEff:\s0+\nCapBnd:\s0+\nNoNewPrivs:\s1$/)
})

test('exec and shell know a group by its name when each of its applications has an application group', async () => {
  const site = await makeSite()
  const apart = { script: '../apps/torture.py', 'application-group': '%{RESOURCE}' }
  const applications = ['/cart', '/till'].map((mount) => ({ mount, ...apart }))
  const shop = aGroup({ name: 'shop', env: { SHOP: 'open' }, applications })
  const config = await writeConfiguration(site, { groups: [shop] })
  const exec = ['exec', '-c', config, 'shop', '--', 'sh', '-c', 'echo $SHOP']
  expect(await runWsgid(...exec)).toMatchObject({ exitCode: 0, stdout: 'open' })
  expect((await runWsgid('shell', '-c', config, 'shp')).stderr).toBe(
    'wsgid: shell: unknown group "shp": did you mean "shop"?',
  )
})

test('exec says of an instance of for-each that it is left out, not that there is none', async () => {
  const site = await makeSite()
  await site.write('sites/good/app.py', '')
  await site.write('sites/gone/no-app.py', '')
  const applications = [{ mount: '/${instance}', script: '../sites/${instance}/app.py' }]
  const sites = aGroup({ name: '${instance}', 'for-each': '../sites/*', applications })
  const config = await writeConfiguration(site, { groups: [sites] })
  expect(await runWsgid('exec', '-c', config, 'good', '--', 'echo', 'there')).toMatchObject({ stdout: 'there' })
  const why = 'group "gone" is left out of the configuration as it is now: wsgid check says why'
  expect(await runWsgid('exec', '-c', config, 'gone', '--', 'true')).toMatchObject({
    ...{ exitCode: 1, stderr: `wsgid: exec: ${why}` },
  })
})

test('exec passes pipes, exit code and the end by a signal through', async () => {
  const config = await aShop()
  const run = (script: string) =>
    execa(program, ['exec', '-c', config, 'shop', '--', 'sh', '-c', script], { input: 'in', reject: false })
  expect(await run('cat; echo err >&2; exit 7')).toMatchObject({ stdout: 'in', stderr: 'err', exitCode: 7 })
  expect(await run('kill -TERM $$')).toMatchObject({ exitCode: 143 })
})

test('shell runs a script from a pipe with the modules of the home directory', async () => {
  const config = await aShop()
  const { stdout } = await execa(program, ['shell', 'shop', '-c', config], {
    input: 'import of_the_shop; print(of_the_shop.answer)',
  })
  expect(stdout).toBe('42')
})

test(
  'in a terminal exec and shell have a terminal, and its size',
  async () => {
    const config = await aShop()
    const exec = await inTerminal([
      'exec',
      '-c',
      config,
      'shop',
      '--',
      'sh',
      '-c',
      'stty size; read x; stty size; exit 3',
    ])
    await exec.shows(/24 80/)
    exec.resize(100, 30)
    exec.type('\r')
    await exec.shows(/30 100/)
    expect(await exec.exitCode()).toBe(3)
    const shell = await inTerminal(['shell', 'shop', '-c', config])
    await shell.shows(/>>> /)
    shell.type('import of_the_shop; of_the_shop.answer * 2\r')
    await shell.shows(/84/)
    shell.type('\x04')
    expect(await shell.exitCode()).toBe(0)
  },
  { needs: [terminals] },
)

const answering = `
import select, signal, sys
for name in sys.argv[1:]:
    signal.signal(getattr(signal, name), lambda number, _: print(signal.Signals(number).name, flush=True))
print("ready", flush=True)
# A signal that comes just before a call that blocks has its handler run after it.
while not select.select([0], [], [], 0.05)[0]:
    pass
sys.exit(5)
`

test('exec passes the signals on that it gets, one by one, and ends when the command does', async () => {
  const config = await aShop()
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const
  const command = ['/usr/bin/python3', '-c', answering, ...signals]
  const running = execa(program, ['exec', '-c', config, 'shop', '--', ...command], { stdin: 'pipe', reject: false })
  atEnd(async () => {
    running.kill('SIGKILL')
    await running
  })
  let printed = ''
  running.stdout.on('data', (data: Buffer) => (printed += data.toString()))
  const hasPrinted = (word: string) => eventually(`${word} printed`, () => printed.includes(word) || undefined)
  await hasPrinted('ready')
  for (const signal of signals) {
    running.kill(signal)
    await hasPrinted(signal)
  }
  running.stdin.end()
  expect((await running).exitCode).toBe(5)
})

test('exec and shell have the variables of env-file', async () => {
  const site = await makeSite()
  await chmod(await site.write('secret.env', 'DATABASE_PASSWORD="hunter two"\n'), 0o600)
  const shop = aGroup({ name: 'shop', 'env-file': '../secret.env' })
  const config = await writeConfiguration(site, { groups: [shop] })
  const script = 'import os; print(os.environ["DATABASE_PASSWORD"])'
  const exec = ['exec', '-c', config, 'shop', '--', '/usr/bin/python3', '-c', script]
  expect((await runWsgid(...exec)).stdout).toBe('hunter two')
  expect((await execa(program, ['shell', 'shop', '-c', config], { input: script })).stdout).toBe('hunter two')
})

asRoot('in a chroot exec and shell see what its workers see', async () => {
  const jail = await makeJail()
  const site = await makeSite()
  await writeFile(join(jail, 'inside.py'), 'answer = 42\n')
  const shop = aGroup({
    ...{ name: 'shop', chroot: jail, home: '/', applications: [{ mount: '/', script: '/inside.py' }] },
  })
  const config = await writeConfiguration(site, { groups: [shop] })
  const script = 'import os; print(os.getcwd(), os.path.exists("/inside.py"), os.path.exists("/root"), os.getuid())'
  const uid = account('www-data').uid
  const exec = ['exec', '-c', config, 'shop', '--', '/usr/bin/python3', '-c', script]
  expect(await runWsgid(...exec)).toMatchObject({ exitCode: 0, stdout: `/ True False ${uid}` })
  const input = 'import inside; print(inside.answer)'
  expect((await execa(program, ['shell', 'shop', '-c', config], { input })).stdout).toBe('42')
})

asRoot('without root it works for the own user, and is refused for another one', async () => {
  const site = await makeSite()
  const config = await writeConfiguration(site, { groups: [aGroup({ name: 'shop' })], config: { user: 'www-data' } })
  const exec = ['exec', '-c', config, 'shop', '--', 'id', '-un']
  expect(await runWsgidAs('www-data', ...exec)).toEqual({ exitCode: 0, stdout: 'www-data', stderr: '' })
  expect(await runWsgidAs('games', ...exec)).toMatchObject({
    exitCode: 78,
    stderr: expect.stringMatching(/www-data.*\n.*root/),
  })
})

test('wrong words are told: usage 2, unknown group 1 with the nearest, configuration 78', async () => {
  const config = await aShop()
  expect(await runWsgid('exec', 'shop')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("'command'") })
  expect(await runWsgid('shell', 'shp', '-c', config)).toMatchObject({
    exitCode: 1,
    stderr: 'wsgid: shell: unknown group "shp": did you mean "shop"?',
  })
  expect(await runWsgid('shell', 'shop', '-c', `${config}.missing`)).toMatchObject({ exitCode: 78 })
})
