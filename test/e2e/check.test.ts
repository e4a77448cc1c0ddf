import { mkdir, mkdtemp, chmod, chown, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from '@jest/globals'
import { execa } from 'execa'
import { brokenConfigurations, goodFiles, type Files } from '../support/broken-configurations.ts'
import { program } from '../support/start-wsgid.ts'
import { asRoot, atEnd, isRoot, test } from '../support/test.ts'

const server = goodFiles['wsgid.yaml'] ?? ''
const app = goodFiles['groups.d/a.yaml'] ?? ''

async function makeFiles(files: Files): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'wsgid-check-'))
  atEnd(() => rm(directory, { recursive: true, force: true }))
  await chmod(directory, 0o755)
  for (const [name, text] of Object.entries(files)) {
    if (text === null) continue
    await mkdir(dirname(join(directory, name)), { recursive: true })
    await writeFile(join(directory, name), text, { mode: 0o644 })
  }
  return directory
}

async function check(directory: string, ...more: readonly string[]) {
  const options = { cwd: directory, reject: false } as const
  const { exitCode, stdout, stderr } = await execa(program, ['check', '-c', 'wsgid.yaml', ...more], options)
  return { exitCode, stdout, stderr }
}

test('check prints the routes of a good configuration, host by host', async () => {
  const routes =
    'applications:\n  - { script: ../app.wsgi }\n  - { module: "shop.wsgi:app", mount: /shop, hosts: ["*.Example.org"] }\n'
  const directory = await makeFiles({ ...goodFiles, 'groups.d/a.yaml': routes })
  const user = isRoot ? 'nobody' : (await execa('id', ['-un'])).stdout
  const { exitCode, stdout, stderr } = await check(directory)
  const cells = stdout.split('\n').map((line) => line.split(/ +/))
  expect({ exitCode, stderr, cells }).toEqual({
    exitCode: 0,
    stderr: '',
    cells: [
      ['HOST', 'MOUNT', 'GROUP', 'USER', 'ENTRY'],
      ['*', '/', 'a', user, join(directory, 'app.wsgi')],
      ['*.example.org', '/shop', 'a', user, 'shop.wsgi:app'],
      [''],
      ['LISTEN', 'SERVES'],
      ['http://127.0.0.1:0', 'plain', 'HTTP'],
    ],
  })
})

test('check --json prints the routes and the errors as data', async () => {
  const good = await check(await makeFiles(goodFiles), '--json')
  expect(JSON.parse(good.stdout)).toMatchObject({ ok: true, routes: [{ host: '*', mount: '/', group: 'a' }] })
  const bad = await check(await makeFiles({ ...goodFiles, 'wsgid.yaml': `${server}routers: 0\n` }), '--json')
  expect(bad.exitCode).toBe(78)
  expect(JSON.parse(bad.stdout)).toMatchObject({
    ok: false,
    errors: [{ file: 'wsgid.yaml', line: 4, column: 10, code: 'invalid-value' }],
  })
})

for (const { claim, files, report } of brokenConfigurations) {
  test(`${claim}: check exits 78 and prints exactly where, what and the cure`, async () => {
    const directory = await makeFiles({ ...goodFiles, ...files })
    const { exitCode, stdout, stderr } = await check(directory)
    expect({ exitCode, stdout, report: stderr.replaceAll(directory, 'DIR') }).toEqual({
      exitCode: 78,
      stdout: '',
      report: report.trim(),
    })
  })
}

asRoot('files that others could change: check names owner, group and mode', async () => {
  const directory = await makeFiles({ ...goodFiles, 'groups.d/a.yaml': `user: games\n${app}` })
  await chmod(join(directory, 'app.wsgi'), 0o664)
  await chown(join(directory, 'app.wsgi'), 0, 33)
  await chmod(join(directory, 'groups.d'), 0o777)
  const { exitCode, stderr } = await check(directory)
  expect({ exitCode, report: stderr.replaceAll(directory, 'DIR') }).toEqual({
    exitCode: 78,
    report: `
wsgid: 2 errors in groups.d/a.yaml

  groups.d/a.yaml: directory "DIR/groups.d" above configuration file is writable by everyone (root:root 0777)
      whoever writes to it decides what root starts: chmod o-w it

  groups.d/a.yaml:3:13: script "DIR/app.wsgi" is writable by group "www-data" (root:www-data 0664)
      whoever is in "www-data" can run code as user "games": chmod g-w it`.trim(),
  })
})

asRoot('users that a group cannot run as are refused at their place', async () => {
  const files = {
    'groups.d/a.yaml': `user: root\n${app}`,
    'groups.d/b.yaml': `user: no-such-user\n${app.replace('- ', '- mount: /b\n    ')}`,
  }
  const { exitCode, stderr } = await check(await makeFiles({ ...goodFiles, ...files }))
  expect({ exitCode, stderr }).toEqual({
    exitCode: 78,
    stderr: `
wsgid: 2 errors in 2 files

  groups.d/a.yaml:1:7: user "root" is root (uid 0)
      a group never runs as root: give its applications an account of their own, for example with adduser --system

  groups.d/b.yaml:1:7: there is no user "no-such-user" on this machine
      mind the spelling, or create it: adduser --system --group no-such-user`.trim(),
  })
})

test('links are followed: a script behind two of them is found, one that leads to itself is told', async () => {
  const directory = await makeFiles(goodFiles)
  await symlink('app.wsgi', join(directory, 'one.wsgi'))
  await symlink(join(directory, 'one.wsgi'), join(directory, 'two.wsgi'))
  await symlink('loop.wsgi', join(directory, 'loop.wsgi'))
  await writeFile(join(directory, 'groups.d/a.yaml'), app.replace('app.wsgi', 'two.wsgi'))
  expect(await check(directory)).toMatchObject({ exitCode: 0 })
  await writeFile(join(directory, 'groups.d/a.yaml'), app.replace('app.wsgi', 'loop.wsgi'))
  expect((await check(directory)).stderr).toContain('cannot be looked at: ELOOP')
})

test('where accounts cannot be looked up it is said what is missing', async () => {
  const directory = await makeFiles(goodFiles)
  const options = { cwd: directory, reject: false, extendEnv: false, env: { PATH: '/nonexistent' } } as const
  const { exitCode, stderr } = await execa(process.execPath, [program, 'check', '-c', 'wsgid.yaml'], options)
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr:
      'wsgid: cannot look up accounts: getent passwd cannot be run: ENOENT; getent must be installed (Debian: libc-bin) and the account databases reachable',
  })
})

asRoot('check of 1,000 groups, each with its own user, takes about a second', async () => {
  const groups = Array.from({ length: 1000 }, (_, index): readonly [string, string] => [
    `groups.d/site-${index}.yaml`,
    `user: ${20_000 + index}\ngroup: ${20_000 + index}\nenv: { SITE: site-${index} }\napplications:\n  - mount: /site-${index}\n    script: ../app.wsgi\n`,
  ])
  const files: Files = Object.fromEntries(groups)
  const directory = await makeFiles({ ...goodFiles, 'groups.d/a.yaml': null, ...files })
  const began = performance.now()
  const { exitCode, stdout } = await check(directory)
  const seconds = (performance.now() - began) / 1000
  process.stderr.write(`check of 1,000 groups: ${seconds.toFixed(2)} s\n`)
  expect({ exitCode, lines: stdout.split('\n').length }).toEqual({ exitCode: 0, lines: 1004 })
  // The target is 1 s; the margin is for machines that do other things meanwhile.
  expect(seconds).toBeLessThan(8)
})
