// Each command as a person uses it: in a terminal of 80×24, piped, without colour, without permission, with nothing running. What they do is
// tested elsewhere; wrong words are in src/cli/usage-errors.test.ts. Node starts once for each, so what can wait for each other waits.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { execa } from 'execa'
import { expect } from '@jest/globals'
import { makeProgram } from '../../src/cli/program.ts'
import { aGroup, aGroupAt } from '../support/a-group.ts'
import { eventually } from '../support/eventually.ts'
import { asUser } from '../support/running-as.ts'
import { makeSite } from '../support/site.ts'
import {
  askControl,
  program,
  runWsgid,
  runWsgidAs,
  siteWithoutServer,
  startWsgid,
  writeConfiguration,
  type RunningWsgid,
} from '../support/start-wsgid.ts'
import { parseStatus } from '../support/status-document.ts'
import { inTerminal, terminals } from '../support/terminal.ts'
import { asRoot, atEnd, forTheFile, test } from '../support/test.ts'

const theServer = forTheFile(() => startWsgid({ groups: [aGroup({ name: 'shop' }), aGroupAt('wiki', 'torture')] }))

type Use = Readonly<{
  words: readonly string[]
  shows: RegExp
  /** Whether it asks for the configuration. */
  configured: boolean
  coloured?: true
}>

const uses: readonly Use[] = [
  { words: ['status'], shows: /^GROUP +STATE +READY .*LAST EXIT/m, configured: true, coloured: true },
  { words: ['status', 'shop'], shows: /^shop: running, generation \d+/m, configured: true, coloured: true },
  { words: ['restart', 'shop'], shows: /^shop: restarted$/m, configured: true },
  { words: ['reload'], shows: /^nothing has changed$/m, configured: true },
  { words: ['check'], shows: /^LISTEN +SERVES$/m, configured: true },
  { words: ['logs'], shows: /running, listening on http/, configured: true },
  { words: ['schema', 'group'], shows: /^ {2}"properties": \{$/m, configured: false },
  { words: ['completion', 'bash'], shows: /^complete -o default -F _wsgid wsgid$/m, configured: false },
  { words: ['init', 'systemd'], shows: /^Type=notify$/m, configured: true },
  // Below a directory of its own: other tests install into the system meanwhile.
  {
    words: ['install', 'sysv', '--dry-run', '--root', '/no-such-package'],
    shows: /^would write \/no-such-package\/etc\/init\.d\/wsgid$/m,
    configured: true,
  },
]

/** The tests of all other commands, which are no matter of one answer. */
const elsewhere: Readonly<Record<string, string>> = {
  ...{ start: 'stopping', stop: 'stopping', serve: 'commands', uninstall: 'init-script', top: 'top', debug: 'debug' },
  ...{ stacks: 'stacks', exec: 'exec', shell: 'exec', 'import-apache': 'import-apache' },
}

test('each command is used here or in another test', async () => {
  const used = [...uses.map(({ words }) => words[0]), ...Object.keys(elsewhere)]
  const commands = (await makeProgram()).commands.map((command) => command.name())
  expect([...new Set(used)].toSorted()).toEqual(commands.toSorted())
  for (const [command, file] of Object.entries(elsewhere))
    expect(readFileSync(new URL(`${file}.test.ts`, import.meta.url), 'utf8')).toMatch(new RegExp(`'${command}'[,)]`))
})

const wordsOf = ({ words, configured }: Use, server: RunningWsgid): readonly string[] =>
  configured ? [...words, '-c', server.configFile] : words

// SGR, the cursor's column and "erase the line": all that these commands use.
const plain = (text: string) =>
  text
    .replaceAll(/\u001b\[[\d;]*[mK]/g, '')
    .replaceAll(/\r+\n/g, '\n')
    .replaceAll(/.*\r/g, '')
const colour = /\u001b\[\d+m/

for (const use of uses) {
  const name = `wsgid ${use.words.join(' ')}`

  test(
    `${name} in a terminal of 80×24`,
    async () => {
      const server = await theServer()
      const terminal = await inTerminal(wordsOf(use, server))
      expect(await terminal.exitCode()).toBe(0)
      expect(plain(terminal.output)).toMatch(use.shows)
      if (use.coloured) expect(terminal.output).toMatch(colour)
      else expect(terminal.output).not.toMatch(colour)
    },
    { needs: [terminals] },
  )
}

test(
  'with NO_COLOR a terminal gets no colour, and tables stay as wide as it is',
  async () => {
    const server = await theServer()
    const terminal = await inTerminal(['status', '-c', server.configFile], { NO_COLOR: '1' })
    expect(await terminal.exitCode()).toBe(0)
    expect(terminal.output).not.toContain('\u001b')
    for (const line of terminal.output.split(/\r+\n/)) expect(line.length).toBeLessThanOrEqual(80)
  },
  { needs: [terminals] },
)

test(
  'on a terminal that does not know its size, as a serial line, status is as on one of the usual size',
  async () => {
    const server = await theServer()
    const status = (...options: readonly string[]) => {
      const words = ['-c', 'stty rows 0 cols 0; exec "$0" "$@"', program, 'status', ...options, '-c', server.configFile]
      return inTerminal(words, {}, '/bin/sh')
    }
    const [single, watch] = await Promise.all([status(), status('--watch')])
    for (const terminal of [single, watch]) await terminal.shows(/GROUP +STATE +READY [^]*shop [^]*wiki /)
    expect(await single.exitCode()).toBe(0)
    watch.type('\u0003')
    expect(await watch.exitCode()).toBe(130)
  },
  { needs: [terminals] },
)

test(
  'status --watch shows the same picture again until Ctrl-C',
  async () => {
    const server = await theServer()
    const terminal = await inTerminal(['status', '--watch', '--interval', '100ms', '-c', server.configFile])
    await terminal.shows(/\u001b\[2J\u001b\[H[^]*shop[^]*\u001b\[H[^]*shop/)
    terminal.type('\u0003')
    expect(await terminal.exitCode()).toBe(130)
  },
  { needs: [terminals] },
)

/** Runs wsgid with output that nobody reads. */
function unread(...words: readonly string[]) {
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'exit')
  atEnd(async () => {
    child.kill('SIGKILL')
    await exited
  })
  child.stdout.destroy()
  return { child, exitCode: () => exited.then(([code]) => code as unknown) }
}

test('a reader that has seen enough ends a command quietly', async () => {
  const { configFile } = await theServer()
  const configured = ['status', 'logs', 'check'].map((command) => [command, '-c', configFile])
  const watching = ['status', '--watch', '--interval', '100ms', '-c', configFile]
  const ends = [...configured, watching, ['schema'], ['--help']].map(async (words) => {
    const { child, exitCode } = unread(...words)
    return [words[0], await text(child.stderr), await exitCode()]
  })
  for (const [command, said, code] of await Promise.all(ends)) expect([command, said, code]).toEqual([command, '', 0])
})

test('output that cannot be written is told, and the command has failed', async () => {
  const { configFile } = await theServer()
  const full = async (...words: readonly string[]) =>
    execa('/bin/sh', ['-c', 'exec "$0" "$@" >/dev/full', program, ...words], { reject: false })
  const configured = [['status'], ['status', '--watch'], ['logs']].map((words) => full(...words, '-c', configFile))
  for (const { stderr, exitCode } of await Promise.all([...configured, full('schema')])) {
    expect(stderr).toMatch(/^wsgid: cannot write to standard output: ENOSPC: no space left on device, write$/)
    expect(exitCode).toBe(1)
  }
})

test('a server in the foreground outlives who reads what it prints', async () => {
  const site = await makeSite()
  const server = unread('start', '--foreground', '-c', await writeConfiguration(site, { groups: [aGroup()] }))
  server.child.stderr.destroy()
  const runs = async (): Promise<true | undefined> => {
    const answer = await askControl(site, '/status').catch(() => undefined)
    return (answer !== undefined && parseStatus(answer.text).state === 'running') || undefined
  }
  await eventually('it runs', runs, 30)
  server.child.kill('SIGTERM')
  expect(await server.exitCode()).toBe(0)
})

test('through a pipe there is no control sequence, and nothing is cut', async () => {
  const server = await theServer()
  const [status, restart] = await Promise.all([server.wsgid('status'), server.wsgid('restart', 'wiki')])
  expect(status).toMatchObject({ exitCode: 0, stderr: '' })
  expect(status.stdout).toMatch(/^GROUP +USER +STATE .* BY$/m)
  expect(restart.stdout).toMatch(/^wiki: worker \d+ pid \d+ \(generation 2\) ready: loaded in .*$/m)
  expect(`${status.stdout}${restart.stdout}`).not.toMatch(/[\u001b\r]/)
})

asRoot('who may not ask the server is told who may', async () => {
  const server = await theServer()
  const refused = async (...words: readonly string[]) => {
    const why = 'permission denied: .* run this as root or as the account that started wsgid'
    expect(await runWsgidAs('games', ...words, '-c', server.configFile)).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringMatching(new RegExp(`^wsgid: ${words[0] ?? ''}: ${why}$`)),
    })
  }
  const asked = [['status'], ['restart', 'shop'], ['reload'], ['stacks', 'shop'], ['stop']]
  await Promise.all(asked.map((words) => refused(...words)))
})

asRoot(
  'who may not ask the server is told so by top, too, and the terminal is as it was',
  async () => {
    const server = await theServer()
    const asGames = asUser('games', [process.execPath, program, 'top', '-c', server.configFile])
    const terminal = await inTerminal(asGames, {}, '/usr/bin/env')
    expect(await terminal.exitCode()).toBe(1)
    expect(plain(terminal.output)).toMatch(/^wsgid: top: permission denied: .* run this as root/)
  },
  { needs: [terminals] },
)

asRoot('who may not read the configuration is told so by check', async () => {
  const server = await theServer()
  const secret = server.site.path('secret.yaml')
  await writeFile(secret, 'listen: 127.0.0.1:0\n', { mode: 0o600 })
  expect(await runWsgidAs('games', 'check', '-c', secret)).toEqual({
    exitCode: 78,
    stdout: '',
    stderr: expect.stringMatching(/cannot be read: EACCES\n +let the user that starts wsgid read it/),
  })
})

asRoot('who may not start or install is told what stands in the way', async () => {
  const server = await theServer()
  const asGames = (...words: readonly string[]) => runWsgidAs('games', ...words, '-c', server.configFile)
  const [start, install] = await Promise.all([
    asGames('start'),
    asGames('install', 'sysv', '--root', server.site.directory),
  ])
  expect(start).toMatchObject({
    exitCode: 78,
    stderr: expect.stringMatching(
      /user "www-data" cannot be had: wsgid runs as games.*\n +only root can become another/,
    ),
  })
  expect(install).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^wsgid: install: EACCES.*; run this as root, or with --root DIRECTORY$/),
  })
})

test('with nothing running each command that needs a server exits with 3 and says how to start it', async () => {
  const { configFile, socket } = await siteWithoutServer(aGroup())
  const complaint = (command: string) =>
    `wsgid: ${command}: not running: nobody answers at ${socket}; start it with wsgid start`
  const asks = [['status'], ['restart'], ['reload'], ['stop'], ['stacks', 'shop']] as const
  const answers = await Promise.all(asks.map((words) => runWsgid(...words, '-c', configFile)))
  expect(answers).toEqual(asks.map(([command]) => ({ exitCode: 3, stdout: '', stderr: complaint(command) })))
})

test(
  'so do those that need a terminal, which they leave as it was',
  async () => {
    const { configFile } = await siteWithoutServer(aGroup({ name: 'shop' }))
    const asks = [['top'], ['debug', 'shop']].map((words) => inTerminal([...words, '-c', configFile]))
    for (const terminal of await Promise.all(asks)) {
      expect(await terminal.exitCode()).toBe(3)
      expect(terminal.output.replaceAll(/\r*\n/g, '\n')).toMatch(
        /^wsgid: (?:top|debug): not running: .* wsgid start\n$/,
      )
    }
  },
  { needs: [terminals] },
)

test('wrong words are a usage error, with where the right ones stand', async () => {
  expect(await runWsgid('status', '--watch', '--interval', 'often')).toEqual({
    exitCode: 2,
    stdout: '',
    stderr: expect.stringMatching(/^wsgid: .*'often' is invalid.*such as 2s\.\nsee wsgid status --help$/),
  })
})
