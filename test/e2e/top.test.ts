// `wsgid top` in a terminal, as an operator sits before it.
import { expect } from '@jest/globals'
import { aGroup, aGroupAt } from '../support/a-group.ts'
import { aSupervisor } from '../support/stand-in-supervisor.ts'
import { runWsgid, startWsgid } from '../support/start-wsgid.ts'
import { inTerminal, terminals } from '../support/terminal.ts'
import { test } from '../support/test.ts'

const onTerminals = { needs: [terminals] }
// What a terminal must have got when top is over: the cursor again, and the screen from before.
const givenBack = /\u001b\[\?25h\u001b\[\?1049l$/
const colour = /\u001b\[\d*m/

test(
  'groups are sorted, filtered and restarted by keys; the picture follows the size of the terminal',
  async () => {
    await using server = await startWsgid({ groups: [aGroup({ name: 'shop' }), aGroupAt('wiki', 'torture')] })
    const { pid } = (await server.group('shop')).workers[0] ?? { pid: 0 }
    const top = await inTerminal(['top', '--interval', '200ms', '-c', server.configFile])
    await top.shows(/2 groups, by CPU/)
    await top.shows(/> .*shop.*running/)
    top.type('m')
    await top.shows(/by memory/)
    top.resize(120, 30)
    await top.shows(/USER .*RESTARTS/)
    top.type('/sho\r')
    await top.shows(/1 group of 2 with "sho"/)
    top.type('R')
    await top.shows(/restart shop, rolling\? y \/ n/)
    top.type('y')
    await top.shows(/shop: restarted/)
    expect(await server.pidsOf('shop')).not.toContain(pid)
    top.type('q')
    expect(await top.exitCode()).toBe(0)
    expect(top.output).toMatch(givenBack)
  },
  onTerminals,
)

test(
  'a supervisor that hangs is shown as such and stops no key; when it is gone, top ends with 3 and gives the terminal back',
  async () => {
    const supervisor = await aSupervisor()
    const top = await inTerminal(['top', '--interval', '100ms', '-c', supervisor.configFile], { NO_COLOR: '1' })
    await top.shows(/> .*shop/)
    supervisor.hang()
    await top.shows(/the supervisor has not answered for \d+s; what stands here is as old/)
    top.type('n')
    await top.shows(/by name/)
    supervisor.gone()
    expect(await top.exitCode()).toBe(3)
    expect(top.output).toMatch(/\u001b\[\?1049l(?:\S*)wsgid: top: not running: nobody answers at .*control\.sock/)
    expect(top.output).not.toMatch(colour)
  },
  onTerminals,
)

for (const [how, end, code] of [
  ['Ctrl-C', (top: Readonly<{ type: (text: string) => void }>) => top.type('\u0003'), 0],
  ['TERM', (top: Readonly<{ pid: number }>) => process.kill(top.pid, 'SIGTERM'), 143],
] as const) {
  test(
    `ended by ${how}, top gives the terminal back`,
    async () => {
      const { configFile } = await aSupervisor()
      const top = await inTerminal(['top', '-c', configFile])
      await top.shows(/> .*shop/)
      end(top)
      expect(await top.exitCode()).toBe(code)
      expect(top.output).toMatch(givenBack)
    },
    onTerminals,
  )
}

test('without a terminal top says what shows the same', async () => {
  expect(await runWsgid('top')).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: 'wsgid: top: not on a terminal: it needs one for its picture and its keys; use wsgid status --watch',
  })
})
