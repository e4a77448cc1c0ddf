// `wsgid schema` and `wsgid completion` as editors and shells use them.
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { delimiter, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect } from '@jest/globals'
import { aGroup } from '../support/a-group.ts'
import { makeSite } from '../support/site.ts'
import { runWsgid, writeConfiguration } from '../support/start-wsgid.ts'
import { installed, test } from '../support/test.ts'

const bin = dirname(fileURLToPath(new URL('../../bin/wsgid', import.meta.url)))

test('schema prints the JSON Schema of wsgid.yaml or of a group file', async () => {
  const [server, group] = await Promise.all([runWsgid('schema'), runWsgid('schema', 'group')])
  expect(JSON.parse(server.stdout)).toHaveProperty(['properties', 'run-dir'])
  expect(JSON.parse(group.stdout)).toHaveProperty(['properties', 'applications'])
  expect(await runWsgid('schema', 'other')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('server, group'),
  })
})

/** What bash would offer behind these words. */
async function completed(...words: readonly string[]): Promise<readonly string[]> {
  const script = `source <(wsgid completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _wsgid; printf '%s\\n' "\${COMPREPLY[@]}"`
  const PATH = `${bin}${delimiter}${process.env['PATH'] ?? '/usr/bin:/bin'}`
  const { stdout } = await execa('bash', ['-c', script, 'bash', 'wsgid', ...words], { env: { PATH } })
  return stdout.split('\n')
}

test('bash completes commands and options', async () => {
  expect(await completed('sta')).toEqual(['start', 'status', 'stacks'])
  expect(await completed('logs', '--f')).toEqual(['--follow'])
  expect(await completed('completion', 'z')).toEqual(['zsh'])
})

test('names of groups are offered although nothing runs', async () => {
  const site = await makeSite()
  const configFile = await writeConfiguration(site, { groups: [aGroup({ name: 'shop' }), aGroup({ name: 'wiki' })] })
  expect(await runWsgid('completion', 'groups', '-c', configFile)).toEqual({
    exitCode: 0,
    stdout: 'shop\nwiki',
    stderr: '',
  })
})

for (const shell of ['zsh', 'fish']) {
  const path = [`/usr/bin/${shell}`, `/bin/${shell}`].find((each) => existsSync(each)) ?? `/usr/bin/${shell}`
  test(
    `${shell} takes its script`,
    async () => {
      const { stdout } = await runWsgid('completion', shell)
      const script = (await makeSite()).path('completion')
      await writeFile(script, stdout)
      await execa(path, ['-n', script])
    },
    { needs: [installed(path)] },
  )
}

test('an unknown shell is a usage error that names those that there are', async () => {
  const { exitCode, stderr } = await runWsgid('completion', 'tcsh')
  expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining('bash, zsh, fish') })
})
