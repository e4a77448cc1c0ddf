// The package as an operator installs it: made by npm pack, installed by npm into an empty prefix on a machine without a compiler.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { chmod, cp, mkdir, mkdtemp, readFile, readlink, rm, symlink, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect } from '@jest/globals'
import { aGroup } from '../support/a-group.ts'
import { request } from '../support/http.ts'
import { makeSite, type Site } from '../support/site.ts'
import { writeConfiguration } from '../support/start-wsgid.ts'
import { inTerminal, terminals } from '../support/terminal.ts'
import { atEnd, forTheFile, installed, test } from '../support/test.ts'

const checkout = fileURLToPath(new URL('../..', import.meta.url))

/** What of a checkout a package is made of. */
const sources = ['bin', 'docs', 'groups.d', 'scripts', 'src', 'dist', 'package.json', 'package-lock.json'] as const
const texts = ['LICENSE', 'README.md', 'CHANGELOG.md', 'tsconfig.json', 'tsconfig.build.json'] as const

/** The package, made in a copy of this checkout: what npm pack does there is no other test's business. */
async function packed(site: Site): Promise<Readonly<{ file: string; copy: string }>> {
  const copy = site.path('checkout')
  await mkdir(copy)
  const isWanted = (path: string): boolean => !path.endsWith('__pycache__')
  for (const name of [...sources, ...texts])
    await cp(join(checkout, name), join(copy, name), { recursive: true, preserveTimestamps: true, filter: isWanted })
  await symlink(join(checkout, 'node_modules'), join(copy, 'node_modules'))
  // It counts as built, so that it is not built once more.
  await utimes(join(copy, 'dist/cli/main.js'), new Date(), new Date())
  const { stdout } = await execa('npm', ['pack', '--pack-destination', site.directory], { cwd: copy })
  return { file: site.path(stdout.trim().split('\n').at(-1) ?? ''), copy }
}

/** A directory with these programs and no others, for PATH. */
async function onlyPrograms(site: Site, names: readonly string[]): Promise<string> {
  const directory = site.path('programs')
  await mkdir(directory)
  for (const name of names) {
    const { stdout } = await execa('sh', ['-c', `readlink -f "$(command -v ${name})"`])
    await symlink(stdout, join(directory, name))
  }
  return directory
}

/** Not in the site: node looks for packages in every directory above, and /tmp is where people try things. */
async function emptyPrefix(): Promise<string> {
  const prefix = await mkdtemp('/var/tmp/wsgid-prefix-')
  await chmod(prefix, 0o755)
  atEnd(() => rm(prefix, { recursive: true, force: true }))
  return prefix
}

const installation = forTheFile(async () => {
  const site = await makeSite()
  const { file, copy } = await packed(site)
  const PATH = await onlyPrograms(site, ['node', 'npm', 'sh', 'env', 'python3', 'uname'])
  // Headers of this Node, so that the attempt to compile fails for want of a compiler and not of a network.
  const env = { PATH, npm_config_nodedir: dirname(dirname(process.execPath)) }
  const prefix = await emptyPrefix()
  await execa('npm', ['install', '--global', '--prefer-offline', '--prefix', prefix, file], { env })
  return { site, copy, prefix, home: join(prefix, 'lib/node_modules/wsgid'), wsgid: join(prefix, 'bin/wsgid') }
})

test('npm pack makes a package of what runs and what people read, without sources and tests', async () => {
  const { home, copy } = await installation()
  const files = readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(home.length + 1))
    .filter((path) => !path.startsWith('node_modules'))
  expect(files).toEqual(
    expect.arrayContaining([
      ...['LICENSE', 'README.md', 'CHANGELOG.md', 'docs/operations.md', 'docs/examples/trac/one-site.yaml'],
      ...['bin/wsgid', 'bin/with-notify-socket', 'dist/cli/main.js', 'dist/worker/wsgid_worker/template.py'],
      ...['dist/man/wsgid.8', 'dist/man/wsgid.yaml.5', 'npm-shrinkwrap.json'],
      ...['dist/completions/wsgid.bash', 'dist/completions/_wsgid', 'dist/completions/wsgid.fish'],
      ...['init', 'logrotate', 'service', 'socket', 'tmpfiles'].map((name) => `scripts/package/wsgid.${name}`),
    ]),
  )
  expect(files.filter((path) => /\.ts$|\.test\.|^src\/|^test\/|__pycache__|tsconfig/.test(path))).toEqual([])
  // npm would prefer it over package-lock.json from now on.
  expect(existsSync(join(copy, 'npm-shrinkwrap.json'))).toBe(false)
})

type Lock = Readonly<{
  packages: Readonly<Record<string, Readonly<{ version: string; dev?: true; integrity: string }>>>
}>

test('its npm-shrinkwrap.json has exactly the packages that were tested, with versions, hashes and where they are', async () => {
  const { home } = await installation()
  const lockIn = async (file: string) => JSON.parse(await readFile(file, 'utf8')) as Lock
  const [tested, packed] = [
    await lockIn(join(checkout, 'package-lock.json')),
    await lockIn(join(home, 'npm-shrinkwrap.json')),
  ]
  const wanted = Object.entries(tested.packages).filter(([path, { dev }]) => path !== '' && dev !== true)
  expect(Object.keys(packed.packages)).toEqual(['', ...wanted.map(([path]) => path)])
  for (const [path, { version, integrity }] of wanted) {
    const name = path.replace(/^.*node_modules\//, '')
    const resolved = expect.stringMatching(`^https://registry.npmjs.org/${name}/-/.*-${version}.tgz$`)
    expect(packed.packages[path]).toMatchObject({ version, integrity, resolved })
  }
})

test('installed without a compiler, it serves an application', async () => {
  const { site, home, wsgid } = await installation()
  expect(existsSync(join(home, 'node_modules/node-pty'))).toBe(false)
  const server = spawn(wsgid, ['serve', site.path('apps/torture.py'), '--port', '0'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const ended = once(server, 'exit')
  atEnd(async () => {
    server.kill('SIGKILL')
    await ended
  })
  let url: string | undefined
  for await (const line of createInterface({ input: server.stdout })) {
    url = /^listening on (\S+)/.exec(line)?.[1]
    if (url !== undefined) break
  }
  expect(await request(`${url ?? ''}/report`)).toMatchObject({ status: 200 })
  server.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
})

test(
  'without node-pty, exec works on pipes and says on a terminal what is missing',
  async () => {
    const { site, wsgid } = await installation()
    const configFile = await writeConfiguration(site, { groups: [aGroup({ name: 'shop' })] })
    const echo = ['exec', 'shop', '-c', configFile, '--', 'echo', 'said']
    expect((await execa(wsgid, echo, { input: '' })).stdout).toBe('said')
    const others = ['shell', 'debug'].map((command) => [command, 'shop', '-c', configFile])
    for (const command of [echo, ...others]) {
      const terminal = await inTerminal(command, {}, wsgid)
      expect(await terminal.exitCode()).toBe(1)
      expect(terminal.output).toMatch(/^wsgid: \w+: no terminal: .*node-pty is missing.*; install g\+\+/)
    }
  },
  { needs: [terminals] },
)

test(
  'its manual pages are where man finds them, and groff has nothing to say against them',
  async () => {
    const { prefix } = await installation()
    const pages = [join(prefix, 'share/man/man8/wsgid.8'), join(prefix, 'share/man/man5/wsgid.yaml.5')]
    for (const page of pages) {
      expect(await readlink(page)).toContain('dist/man')
      const { stdout, stderr } = await execa('groff', ['-ww', '-k', '-man', '-Tutf8', '-P-cbu', page])
      expect(stderr).toBe('')
      expect(stdout).toMatch(/NAME\n +wsgid/)
    }
  },
  { needs: [installed('/usr/bin/groff')] },
)
