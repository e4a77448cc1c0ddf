// `wsgid status --watch` where no operator sits before it, and what it says of a supervisor that does not answer.
import { expect } from '@jest/globals'
import { execa } from 'execa'
import { eventually } from '../support/eventually.ts'
import { aSupervisor } from '../support/stand-in-supervisor.ts'
import { program } from '../support/start-wsgid.ts'
import { inTerminal, terminals } from '../support/terminal.ts'
import { atEnd, test } from '../support/test.ts'

/** The command on pipes: what it has printed so far, and how it ends. */
function watch(...options: readonly string[]) {
  const child = execa(program, ['status', '--watch', '--interval', '100ms', ...options], { reject: false })
  const said = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text))
  atEnd(async () => {
    child.kill('SIGKILL')
    await child
  })
  return { said, ended: child }
}

const hanging = 'wsgid: status: the supervisor did not answer in time; it is asked again\n'

test(
  'status --watch goes on while the supervisor hangs, says so, and ends with 3 when it is gone; --json is one document a line',
  async () => {
    const { configFile, hang, gone } = await aSupervisor()
    const plain = watch('-c', configFile)
    const json = watch('--json', '-c', configFile)
    const terminal = await inTerminal(['status', '--watch', '--interval', '100ms', '-c', configFile])
    const documents = (): readonly string[] => json.said.stdout.split('\n').slice(0, -1)
    await eventually('three documents', () => documents().length >= 3 || undefined)
    await eventually('two tables', () => plain.said.stdout.split(/^shop .*\n\n/m).length > 2 || undefined)
    await terminal.shows(/shop/)
    hang()
    for (const { said } of [plain, json])
      await eventually('it is said', () => said.stderr.includes(hanging) || undefined)
    await terminal.shows(/shop[^]*it is asked again/)
    gone()
    for (const { ended } of [plain, json]) {
      const { exitCode, stderr } = await ended
      expect([exitCode, stderr.split('\n').at(-1)]).toEqual([3, expect.stringContaining('status: not running: ')])
    }
    expect(await terminal.exitCode()).toBe(3)
    for (const line of documents()) expect(JSON.parse(line)).toMatchObject({ groups: [{ name: 'shop' }] })
    expect(plain.said.stdout).not.toContain('\u001b')
  },
  { needs: [terminals] },
)
