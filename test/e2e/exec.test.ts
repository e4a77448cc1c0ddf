// `wsgid exec` and `wsgid shell` as an operator uses them, with no server running.
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect } from '@jest/globals'
import { aGroup } from '../support/a-group.ts'
import { makeSite } from '../support/site.ts'
import { runWsgid, writeConfiguration } from '../support/start-wsgid.ts'
import { inTerminal, terminals } from '../support/terminal.ts'
import { asRoot, test } from '../support/test.ts'

const bin = fileURLToPath(new URL('../../bin/wsgid', import.meta.url))

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

test('exec passes pipes, exit code and the end by a signal through', async () => {
  const config = await aShop()
  const run = (script: string) =>
    execa(bin, ['exec', '-c', config, 'shop', '--', 'sh', '-c', script], { input: 'in', reject: false })
  expect(await run('cat; echo err >&2; exit 7')).toMatchObject({ stdout: 'in', stderr: 'err', exitCode: 7 })
  expect(await run('kill -TERM $$')).toMatchObject({ exitCode: 143 })
})

test('shell runs a script from a pipe with the modules of the home directory', async () => {
  const config = await aShop()
  const { stdout } = await execa(bin, ['shell', 'shop', '-c', config], {
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

test('wrong words are told: usage 2, unknown group 1 with the nearest, configuration 78', async () => {
  const config = await aShop()
  expect(await runWsgid('exec', 'shop')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("'command'") })
  expect(await runWsgid('shell', 'shp', '-c', config)).toMatchObject({
    exitCode: 1,
    stderr: 'wsgid: shell: unknown group "shp": did you mean "shop"?',
  })
  expect(await runWsgid('shell', 'shop', '-c', `${config}.missing`)).toMatchObject({ exitCode: 78 })
})
