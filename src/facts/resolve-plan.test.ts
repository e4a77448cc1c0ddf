import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { credentialKey } from '../plan/facts.ts'
import { aConfiguration } from '../../test/support/facts.ts'
import { readEnvironmentFiles } from './environment-files.ts'
import { gatherFacts } from './gather-facts.ts'
import { planForServe, resolvePlan } from './resolve-plan.ts'
import { pathWalker } from './walk-path.ts'

let directory = ''

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'wsgid-facts-'))
})

afterEach(() => rm(directory, { recursive: true }))

const request = { target: 'pkg.wsgi:app', listen: '127.0.0.1:0', user: undefined, workingDirectory: '/' }

test('serve makes one group with one application at the root of the site, logging to stderr', async () => {
  expect(await planForServe({ ...request, runDir: join(directory, 'run') })).toMatchObject({
    ok: true,
    plan: {
      configFile: null,
      runDir: join(directory, 'run'),
      logDir: '-',
      listeners: [
        {
          address: { kind: 'tcp', host: '127.0.0.1', port: 0 },
          certificates: [],
          hsts: null,
          redirect: null,
          proxyProtocol: 'off',
        },
      ],
      routers: 1,
      groups: [
        {
          name: 'pkg.wsgi',
          source: 'command line',
          processes: 1,
          threads: 15,
          applications: [{ mount: '', hosts: [], entry: { kind: 'module', module: 'pkg.wsgi', callable: 'app' } }],
        },
      ],
    },
  })
})

/** Text of everything that is wrong with these group files, which are below the directory of the test. */
async function wrongWith(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const server = join(directory, 'wsgid.yaml')
  await writeFile(server, `run-dir: ${directory}/run\nlog-dir: "-"\n`)
  await mkdir(join(directory, 'groups.d'), { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, 'groups.d', `${name}.yaml`), text)
  const result = await resolvePlan(server)
  return result.ok ? [] : result.diagnostics.map(({ what }) => what).filter((what) => !what.includes(directory))
}

const application = (more: string): string => `applications: [{ mount: /b, module: "b:b"${more} }]`

test.each([
  ['cannot be read', 'user: [', ''],
  ['has a wrong option on which others hang', 'processes: 0', application('').replace('/b', '/a')],
])(
  'as long as a group %s, nobody is told that it is not there, nor that a group has nothing to serve to which it may direct something',
  async (_, wrongPart, rest) => {
    const b = application(', process-group: a')
    expect(await wrongWith({ a: `${wrongPart}\n${rest}`, b, c: 'threads: 1' })).toEqual([
      expect.not.stringMatching(/no group|is missing/),
      'applications is missing',
    ])
    const directs = rest === '' ? 'x: { process-group: c }' : application(', process-group: c')
    expect(await wrongWith({ a: `${wrongPart}\n${directs}`, b, c: 'threads: 1' })).toEqual([
      expect.not.stringMatching(/no group|is missing/),
    ])
  },
)

test('beside another wrong option of a group it is told that there is no such group, and that one has nothing to serve', async () => {
  const a = `threads: 0\n${application('').replace('/b', '/a')}`
  expect(await wrongWith({ a, b: application(', process-group: d'), c: 'threads: 1' })).toEqual([
    expect.stringContaining('threads'),
    'there is no group "d"',
    'applications is missing',
  ])
})

test('serve refuses what is neither a script nor a module, and an address that is none', async () => {
  const refused = await planForServe({ ...request, target: 'not a module', listen: 'x', runDir: directory })
  expect(refused).toMatchObject({
    ok: false,
    diagnostics: [
      { file: 'command line', what: '--listen x is not understood' },
      { file: 'command line', what: '"not a module" is not understood' },
    ],
  })
})

test('a path is followed through links, and everything on the way is noted', async () => {
  await mkdir(join(directory, 'real'))
  await writeFile(join(directory, 'real/file'), '')
  await symlink('../real', join(directory, 'real/back'))
  await symlink(join(directory, 'real/back/file'), join(directory, 'link'))
  const way = await pathWalker()(join(directory, 'link'))
  expect(way).toMatchObject({ found: true, target: { path: join(directory, 'real/file'), kind: 'file' } })
  const kinds = way.steps.map(({ kind }) => kind)
  expect(kinds.filter((kind) => kind === 'link')).toHaveLength(2)
  expect(kinds.slice(-3)).toEqual(['directory', 'directory', 'file'])
  expect(way.steps[0]).toMatchObject({ path: '/', kind: 'directory' })
})

test.each([
  ['nothing/below', 'nothing', 'ENOENT'],
  ['file/below', 'file/below', 'ENOTDIR'],
  ['loop', 'loop', 'ELOOP'],
])('of the path %s it is told that %s fails with %s', async (path, missing, reason) => {
  await writeFile(join(directory, 'file'), '')
  await symlink('loop', join(directory, 'loop'))
  const way = await pathWalker()(join(directory, path))
  expect(way).toMatchObject({ found: false, missing: join(directory, missing), reason })
})

test('in a root directory links lead to what a process in there would find', async () => {
  const root = join(directory, 'root')
  await mkdir(join(root, 'usr/bin'), { recursive: true })
  await writeFile(join(root, 'usr/bin/python3.11'), '')
  await symlink('python3.11', join(root, 'usr/bin/python3'))
  await symlink('/usr/bin', join(root, 'bin'))
  await symlink('../../../../../usr', join(root, 'up'))
  const target = { path: join(root, 'usr/bin/python3.11'), kind: 'file' }
  for (const path of ['/bin/python3', '/up/bin/python3', '/../bin/python3']) {
    const way = await pathWalker()(path, root)
    expect(way).toMatchObject({ found: true, target })
    expect(way.steps[0]?.path).toBe(root)
    expect(way.steps.every((step) => step.path.startsWith(root))).toBe(true)
  }
})

test('an env-file is read when it is a small text file, and a FIFO in its place holds nobody', async () => {
  const path = (name: string): string => join(directory, name)
  await writeFile(path('good'), 'A=1\n')
  await writeFile(path('large'), 'A'.repeat(65_537))
  await writeFile(path('binary'), Buffer.from([0xff, 0xfe]))
  await execa('/usr/bin/mkfifo', [path('fifo')])
  const read = await readEnvironmentFiles(['good', 'large', 'binary', 'fifo', 'none'].map(path))
  const unfit = { ok: false, reason: 'not a regular file of at most 64 KiB' }
  expect(Object.fromEntries(read)).toEqual({
    [path('good')]: { ok: true, text: 'A=1\n' },
    [path('large')]: unfit,
    [path('binary')]: { ok: false, reason: 'not UTF-8 text' },
    [path('fifo')]: unfit,
    [path('none')]: { ok: false, reason: 'ENOENT' },
  })
})

test('a file of users is read for the group that serves the application, whichever file it stands in', async () => {
  const users = join(directory, 'users')
  await chmod(directory, 0o755)
  await writeFile(users, 'joe:x\n', { mode: 0o644 })
  const configuration = aConfiguration({
    a: 'applications: [{ mount: /a, module: a }]',
    b: `applications: [{ mount: /b, module: b, process-group: a, auth: { realm: T, users: ${users} } }]`,
  })
  const { credentialFiles } = await gatherFacts(configuration)
  expect(credentialFiles.get(credentialKey('a', users))).toEqual({ ok: true, text: 'joe:x\n' })
})
