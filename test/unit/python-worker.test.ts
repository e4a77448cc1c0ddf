// The Python side's own tests, under every interpreter of this machine that the worker promises to run on (3.8 and later, PyPy).
import { expect, test } from '@jest/globals'
import { execa } from 'execa'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const candidates = [
  '/usr/bin/python3',
  '/usr/bin/pypy3',
  ...[8, 9, 10, 11, 12, 13, 14].map((minor) => `python3.${minor}`),
]
const interpreters = (await Promise.all(candidates.map(identify))).filter((each) => each !== undefined)

/** [path, version] of an interpreter that runs and is new enough. */
async function identify(python: string): Promise<[string, string] | undefined> {
  if (python.startsWith('/') && !existsSync(python)) return undefined
  const script =
    'import sys; print(sys.executable, sys.version_info >= (3, 8), sys.implementation.name, sys.version.split()[0])'
  const { exitCode, stdout } = await execa(python, ['-c', script], { reject: false })
  const [path, newEnough, ...version] = (exitCode === 0 ? stdout : '').split(' ')
  return path !== undefined && newEnough === 'True' ? [path, version.join(' ')] : undefined
}

test('the default interpreter is among those tested', () => {
  expect(interpreters.map(([python]) => python)).toContain('/usr/bin/python3')
})

test.each([...new Map(interpreters)])(
  '%s: the worker passes its tests (%s)',
  async (python) => {
    const { exitCode, all } = await execa(python, ['-B', '-m', 'unittest', 'discover', '-s', 'test/worker'], {
      cwd: root,
      env: { PYTHONPATH: 'src/worker' },
      all: true,
      reject: false,
    })
    expect({ exitCode, all }).toMatchObject({ exitCode: 0, all: expect.stringMatching(/Ran [1-9]\d* tests/) })
  },
  60_000,
)
