// Each group has its own Python: PyPy, the distribution's and a virtual environment of another CPython, side by side: the configuration is docs/examples/interpreters.
import { access, constants, mkdir, realpath } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { execa } from 'execa'
import { expect } from '@jest/globals'
import { aGroup } from '../support/a-group.ts'
import { aTracSite, exampleGroups, uidOf } from '../support/examples.ts'
import { getJson } from '../support/http.ts'
import { runAs } from '../support/running-as.ts'
import { makeSite, type Site } from '../support/site.ts'
import { startWsgid } from '../support/start-wsgid.ts'
import { downloadAndCount } from '../support/streaming.ts'
import { asRoot, installed, test } from '../support/test.ts'

const distribution = '/usr/bin/python3'
const pypy = '/usr/bin/pypy3'

type Interpreter = Readonly<{ program: string; env: Readonly<Record<string, string>> }>

/** A CPython that a tenant may execute: another one than the distribution's where the machine has one. */
async function anotherPython(site: Site): Promise<Interpreter> {
  const names = [
    'python3.14',
    'python3.13',
    'python3.12',
    'python3.11',
    'python3.10',
    'python3.9',
    'python3.8',
    'python3',
  ]
  const directories = (process.env['PATH'] ?? '').split(':')
  const usual = await realpath(distribution)
  for (const path of names.flatMap((name) => directories.map((directory) => join(directory, name)))) {
    const program = await executableOf(path)
    if (program === null || program === usual) continue
    const found = await reachableByTenants(program, site)
    if (found !== null) return found
  }
  return { program: distribution, env: {} }
}

/** What runs when a path is executed: version managers put scripts in front of the real one. */
async function executableOf(path: string): Promise<string | null> {
  const exists = await access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
  if (!exists) return null
  const asked = await execa(path, ['-c', 'import os, sys; print(os.path.realpath(sys.executable))'], { reject: false })
  return asked.exitCode === 0 ? asked.stdout : null
}

/** The interpreter itself, or where tenants cannot enter (somebody's home directory) a copy without its packages. */
async function reachableByTenants(program: string, site: Site): Promise<Interpreter | null> {
  const itself = { program, env: {} }
  if (await worksForTenants(itself)) return itself
  const prefix = join(program, '..', '..')
  const archive = site.path('python.tar')
  const without = ['site-packages/*', 'test', '*.a'].map((pattern) => `--exclude=${pattern}`)
  await execa('tar', ['-C', prefix, '-cf', archive, ...without, 'bin', 'lib'])
  const copy = site.path('another-python')
  await mkdir(copy)
  await execa('tar', ['-C', copy, '-xf', archive, '--no-same-owner'])
  // Its libpython was linked by a path that tenants cannot read either.
  const copied = { program: join(copy, 'bin', basename(program)), env: { LD_LIBRARY_PATH: join(copy, 'lib') } }
  return (await worksForTenants(copied)) ? copied : null
}

async function worksForTenants({ program, env }: Interpreter): Promise<boolean> {
  // By a shell: setpriv itself still has root's capabilities while it executes its command.
  const command = `exec "${program}" -c "import json, threading"`
  return runAs('games', ['sh', '-c', command], { cwd: '/', env }).then(
    () => true,
    () => false,
  )
}

asRoot(
  'three users have a Python each: two virtual environments, one of another CPython, and PyPy',
  async () => {
    const site = await aTracSite()
    const another = await anotherPython(site)
    const versions: Record<string, string> = {}
    for (const [venv, program] of [['venv-1', distribution] as const, ['venv-2', another.program] as const]) {
      await execa(program, ['-m', 'venv', '--without-pip', site.path('srv', venv)])
      versions[venv] = (await execa(program, ['-c', 'import sys; print(sys.version)'])).stdout
    }
    process.stderr.write(`interpreters under test: ${distribution}, ${another.program}, ${pypy}\n`)
    const groups = exampleGroups('interpreters', site).map((group) => ({ ...group, processes: 2, env: another.env }))
    await using server = await startWsgid({ site, groups })
    const reports = async (name: string) =>
      Promise.all(Array.from({ length: 10 }, () => getJson(server.url(`/${name}`))))
    for (const { uid, prefix, version } of await reports('site-1'))
      expect([uid, prefix, version]).toEqual([uidOf('alice'), site.path('srv', 'venv-1'), versions['venv-1']])
    for (const { uid, prefix, version } of await reports('site-2'))
      expect([uid, prefix, version]).toEqual([uidOf('bob'), site.path('srv', 'venv-2'), versions['venv-2']])
    for (const { uid, implementation } of await reports('site-3'))
      expect([uid, implementation]).toEqual([uidOf('carol'), 'pypy'])
  },
  { needs: [installed(distribution, pypy)], seconds: 120 },
)

test(
  'PyPy takes and gives large bodies',
  async () => {
    const site = await makeSite()
    await using server = await startWsgid({ site, groups: [aGroup({ python: pypy })] })
    const body = Buffer.alloc(3_000_000, 'x')
    expect(await getJson(server.url('/count'), { body })).toEqual({ length: body.length })
    for (const path of [`/stream?bytes=${body.length}`, `/file?bytes=${body.length}`]) {
      expect(await downloadAndCount(server.url(path))).toBe(body.length)
    }
  },
  { needs: [installed(pypy)] },
)
