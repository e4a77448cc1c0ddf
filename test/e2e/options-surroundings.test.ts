// Options that shape what an application finds around itself: one server with a group for each, asked by the application in test/apps/surroundings.py.
import { readFileSync } from 'node:fs'
import { chmod, cp } from 'node:fs/promises'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { expect } from '@jest/globals'
import { execa } from 'execa'
import { groupId } from '../support/accounts.ts'
import { aGroupAt, type GroupDefinition } from '../support/a-group.ts'
import { getJson } from '../support/http.ts'
import { makeJail } from '../support/jail.ts'
import { commandLineOf } from '../support/processes.ts'
import { makeSite, type Site } from '../support/site.ts'
import { startWsgid } from '../support/start-wsgid.ts'
import { asRoot, forTheFile, isRoot, test } from '../support/test.ts'

const mebibyte = 1024 ** 2
const at = (name: string, wanted: Readonly<Record<string, unknown>>) => aGroupAt(name, 'surroundings', wanted)

const theServer = forTheFile(async () => {
  const site = await makeSite()
  await site.write('secret.env', "DATABASE_PASSWORD='correct horse battery'\n")
  await chmod(site.path('secret.env'), 0o600)
  await execa('/usr/bin/python3', ['-m', 'venv', '--without-pip', site.path('venv')])
  await makeLibraries(site)
  await site.directoryOf('www-data', 'eggs')
  return startWsgid({ site, groups: [...groupsOfEveryone(), ...(isRoot ? await groupsOfRoot(site) : [])] })
})

/** Relative paths start at groups.d/. */
function groupsOfEveryone(): readonly GroupDefinition[] {
  return [
    at('umask', { umask: '0027' }),
    at('display-name', { 'display-name': '(wsgi:%{GROUP})' }),
    at('lang', { lang: 'POSIX' }),
    at('locale', { locale: 'POSIX' }),
    at('home', { home: '../apps' }),
    at('python', { python: '../venv/bin/python3' }),
    at('python-home', { 'python-home': '../venv' }),
    at('python-path', { 'python-path': ['../first', '../second'] }),
    at('python-eggs', { 'python-eggs': '../eggs' }),
    at('switch-interval', { 'switch-interval': '20ms' }),
    at('env', { env: { COLOUR: 'blue: "sky"', PORT: '0080' } }),
    at('env-file', { 'env-file': '../secret.env' }),
    at('restrict-stdout', { 'restrict-stdout': 'error' }),
    at('cpu-priority', { 'cpu-priority': 3 }),
    at('memory-limit', { 'memory-limit': '400MiB', threads: 1 }),
    at('virtual-memory-limit', { 'virtual-memory-limit': '1GiB', threads: 1 }),
    at('stack-size', { 'stack-size': '3MiB' }),
    at('nothing', {}),
  ]
}

async function groupsOfRoot(site: Site): Promise<readonly GroupDefinition[]> {
  const jail = await makeJail()
  await cp(site.path('apps', 'surroundings.py'), join(jail, 'surroundings.py'))
  return [
    at('supplementary-groups', { 'supplementary-groups': ['audio', 'users'] }),
    at('chroot', {
      ...{ chroot: jail, home: '/tmp', applications: [{ mount: '/chroot', script: '/surroundings.py' }] },
      // No other locale is in there.
      lang: 'POSIX',
    }),
  ]
}

/** Two directories with a module each of the same name, and a .pth file in the second that names a third. */
async function makeLibraries(site: Site): Promise<void> {
  await site.write('first/twice.py', '')
  await site.write('second/twice.py', '')
  await site.write('second/further.pth', `${site.path('third')}\n`)
  await site.write('third/by_pth_file.py', '')
}

async function stateOf(group: string): Promise<Record<string, unknown>> {
  return getJson((await theServer()).url(`/${group}/state`))
}

async function ask(path: string): Promise<Record<string, unknown>> {
  return getJson((await theServer()).url(path))
}

async function workerOf(group: string): Promise<number> {
  return (await (await theServer()).group(group)).workers[0]?.pid ?? 0
}

test('umask: new files do not get these bits of their mode', async () => {
  expect(await ask('/umask/new-file')).toEqual({ mode: '0o640' })
  expect(await ask('/nothing/new-file')).toEqual({ mode: '0o644' })
})

test('display-name: ps and top show it for the workers', async () => {
  const pid = await workerOf('display-name')
  expect(commandLineOf(pid)).toBe('(wsgi:display-name)')
  // The kernel keeps 15 characters of a process's short name.
  expect(readFileSync(`/proc/${pid}/comm`, 'utf8')).toBe('(wsgi:display-n\n')
  expect(commandLineOf(await workerOf('nothing'))).toBe('wsgid: nothing')
})

test('lang: is LANG, and the locale that the C library takes', async () => {
  const { environment, locale } = await stateOf('lang')
  expect(environment).toMatchObject({ LANG: 'POSIX', LC_ALL: 'POSIX' })
  expect(locale).toBe('C')
  expect(await stateOf('nothing')).toMatchObject({ locale: 'C.UTF-8' })
})

test('locale: overrules lang', async () => {
  const { environment, locale } = await stateOf('locale')
  expect(environment).toMatchObject({ LANG: 'C.UTF-8', LC_ALL: 'POSIX' })
  expect(locale).toBe('C')
})

test('home: is the working directory and the first entry of sys.path', async () => {
  const directory = (await theServer()).site.path('apps')
  const { cwd, path } = await stateOf('home')
  expect({ cwd, first: first(path) }).toEqual({ cwd: directory, first: directory })
  expect(first((await stateOf('nothing'))['path'])).not.toBe(directory)
})

for (const option of ['python', 'python-home']) {
  test(`${option}: workers run the interpreter of that virtual environment`, async () => {
    const environment = (await theServer()).site.path('venv')
    expect(await stateOf(option)).toMatchObject({ prefix: environment })
    expect(await stateOf('nothing')).toMatchObject({ prefix: '/usr' })
  })
}

test('python-path: stands in front of sys.path in the given order, and .pth files are obeyed', async () => {
  const { site } = await theServer()
  const { path } = await stateOf('python-path')
  const directories = ['first', 'second', 'third'].map((name) => site.path(name))
  expect(path).toEqual([...directories, ...list(path).slice(directories.length)])
  expect(list(path)).toContain('/usr/lib/python3/dist-packages')
  expect(await ask('/python-path/import?name=twice')).toEqual({ file: site.path('first', 'twice.py') })
  expect(await ask('/python-path/import?name=by_pth_file')).toEqual({ file: site.path('third', 'by_pth_file.py') })
})

test('python-eggs: is where eggs are unpacked', async () => {
  const directory = (await theServer()).site.path('eggs')
  expect(await stateOf('python-eggs')).toMatchObject({ environment: { PYTHON_EGG_CACHE: directory } })
})

test('switch-interval: is Python’s', async () => {
  expect(await stateOf('switch-interval')).toMatchObject({ switch_interval: 0.02 })
  expect(await stateOf('nothing')).toMatchObject({ switch_interval: 0.005 })
})

test('env: values reach the process as they are written', async () => {
  expect(await stateOf('env')).toMatchObject({ environment: { COLOUR: 'blue: "sky"', PORT: '0080' } })
})

test('env-file: values reach the process, and no status, log, message or command line', async () => {
  const server = await theServer()
  expect(await stateOf('env-file')).toMatchObject({ environment: { DATABASE_PASSWORD: 'correct horse battery' } })
  const check = await server.wsgid('check', '--json')
  const shown = [
    JSON.stringify(await server.status()),
    ...(await Promise.all(['env-file', 'wsgid'].map((name) => server.log(name)))),
    ...[...server.output, check.stdout, check.stderr],
    ...server.running().map(({ pid }) => commandLineOf(pid)),
  ]
  expect(shown.filter((text) => text.includes('horse'))).toEqual([])
})

test('restrict-stdout: print is an error that says why; else it goes to the log', async () => {
  expect(await ask('/restrict-stdout/print?word=never')).toEqual({
    outcome: expect.stringContaining('restrict-stdout'),
  })
  expect(await ask('/nothing/print?word=aloud')).toEqual({ outcome: 'printed' })
  const server = await theServer()
  await server.logLine('nothing', /surroundings: printed aloud/)
  expect(await server.log('restrict-stdout')).not.toContain('printed never')
})

test('cpu-priority: is added to the niceness of the supervisor', async () => {
  const own = getPriority((await theServer()).pid)
  expect(await stateOf('cpu-priority')).toMatchObject({ niceness: own + 3 })
  expect(await stateOf('nothing')).toMatchObject({ niceness: own })
})

test('memory-limit: an application that wants more gets MemoryError and goes on', async () => {
  expect(await ask(`/memory-limit/allocate?bytes=${100 * mebibyte}`)).toEqual({ outcome: 'done' })
  expect(await ask(`/memory-limit/allocate?bytes=${500 * mebibyte}`)).toEqual({ outcome: 'MemoryError' })
  // Addresses alone are not what it limits.
  expect(await ask(`/memory-limit/reserve?bytes=${2048 * mebibyte}`)).toEqual({ outcome: 'done' })
})

test('virtual-memory-limit: addresses are limited, whatever is behind them', async () => {
  expect(await ask(`/virtual-memory-limit/reserve?bytes=${100 * mebibyte}`)).toEqual({ outcome: 'done' })
  expect(await ask(`/virtual-memory-limit/reserve?bytes=${2048 * mebibyte}`)).toEqual({ outcome: 'OSError' })
})

test('stack-size: each thread that serves requests has it', async () => {
  expect(await stateOf('stack-size')).toMatchObject({ stack_size: 3 * mebibyte })
})

asRoot('supplementary-groups: the workers are in these and in no others', async () => {
  const wanted = ['www-data', 'audio', 'users'].map(groupId)
  expect(await stateOf('supplementary-groups')).toMatchObject({ groups: wanted.toSorted((a, b) => a - b) })
  expect(await stateOf('nothing')).toMatchObject({ groups: [groupId('www-data')] })
})

asRoot('chroot: the workers see nothing but that directory', async () => {
  const { root, cwd } = await stateOf('chroot')
  expect(list(root)).toContain('surroundings.py')
  expect(list(root)).not.toContain('etc')
  expect(cwd).toBe('/tmp')
  expect(list((await stateOf('nothing'))['root'])).toContain('etc')
})

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function first(value: unknown): unknown {
  return list(value)[0]
}
