// Each group has its own Python: PyPy, the distribution's and a virtual environment of another CPython, side by side.
import { access, constants, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect } from '@jest/globals'
import { aGroup } from '../support/a-group.ts'
import { getJson } from '../support/http.ts'
import { runAs } from '../support/running-as.ts'
import { makeSite, type Site } from '../support/site.ts'
import { startWsgid } from '../support/start-wsgid.ts'
import { downloadAndCount } from '../support/streaming.ts'
import { installed, test } from '../support/test.ts'

const distribution = '/usr/bin/python3'
const pypy = '/usr/bin/pypy3'

/** A CPython that a tenant may execute: another one than the distribution's where the machine has one. */
async function anotherPython(site: Site): Promise<string> {
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
    const executable = await executableOf(path)
    if (executable === null || executable === usual) continue
    const forTenants = await reachableCopy(executable, site)
    if (forTenants !== null) return forTenants
  }
  return distribution
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

/** The interpreter itself, or where tenants cannot reach it (somebody's home directory) a copy without its packages. */
async function reachableCopy(executable: string, site: Site): Promise<string | null> {
  // By a shell: setpriv itself still has root's capabilities while it executes its command.
  const works = (program: string) =>
    runAs('games', ['sh', '-c', `exec "${program}" -c "import json, threading"`], { cwd: '/' }).then(
      () => true,
      () => false,
    )
  if (await works(executable)) return executable
  const prefix = join(executable, '..', '..')
  const copy = site.path('another-python')
  await execa('mkdir', ['-p', copy])
  const parts = ['bin', 'lib']
  await execa('tar', [
    '-C',
    prefix,
    '-cf',
    site.path('python.tar'),
    '--exclude=site-packages/*',
    '--exclude=test',
    '--exclude=*.a',
    ...parts,
  ])
  await execa('tar', ['-C', copy, '-xf', site.path('python.tar'), '--no-same-owner'])
  const copied = join(copy, 'bin', executable.split('/').at(-1) ?? '')
  return (await works(copied)) ? copied : null
}

test(
  'PyPy, the distribution’s Python and a virtual environment of another CPython serve beside each other',
  async () => {
    const site = await makeSite()
    const another = await anotherPython(site)
    const venv = site.path('venv')
    await execa(another, ['-m', 'venv', '--without-pip', venv])
    process.stderr.write(`interpreters under test: ${distribution}, ${pypy}, a virtual environment of ${another}\n`)
    const at = (name: string, python: string) =>
      aGroup({ name, python, processes: 2, applications: [{ mount: `/${name}`, script: '../apps/torture.py' }] })
    await using server = await startWsgid({
      site,
      groups: [at('usual', distribution), at('pypy', pypy), at('venv', join(venv, 'bin', 'python'))],
    })
    const paths = ['usual', 'pypy', 'venv'].flatMap((name) => Array.from({ length: 20 }, () => name))
    const reports = await Promise.all(paths.map((name) => getJson(server.url(`/${name}/report`))))
    const seen = (name: string) => reports.filter((_, index) => paths[index] === name)
    const version = (await execa(another, ['-c', 'import sys; print(sys.version)'])).stdout
    expect(new Set(seen('usual').map(({ prefix }) => prefix))).toEqual(new Set(['/usr']))
    expect(new Set(seen('pypy').map(({ implementation }) => implementation))).toEqual(new Set(['pypy']))
    expect(new Set(seen('venv').map(({ prefix }) => prefix))).toEqual(new Set([venv]))
    expect(new Set(seen('venv').map((report) => report['version']))).toEqual(new Set([version]))
    expect(new Set(reports.map(({ pid }) => pid)).size).toBeGreaterThanOrEqual(3)
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
