import { expect, test } from '@jest/globals'
import { makeProgram, programFor } from './program.ts'

const all = (await makeProgram()).commands.map((command) => command.name())

test.each(all.filter((name) => name !== 'completion'))('for "wsgid %s" only that command is loaded', async (name) => {
  const program = await programFor([name, '--help'])
  expect(program.commands.map((command) => command.name())).toEqual([name])
})

test.each([[['--help']], [['help', 'start']], [['strat']], [['completion', 'bash']], [[]], [['constructor']]])(
  'any command could be meant by %j',
  async (words) => {
    expect((await programFor(words)).commands.map((command) => command.name())).toEqual(all)
  },
)

test.each(['-V', '--version'])('%s needs no command', async (word) => {
  const program = await programFor([word])
  let printed = ''
  program.configureOutput({ writeOut: (text) => (printed += text) })
  await expect(program.parseAsync(['node', 'wsgid', word])).rejects.toMatchObject({ code: 'commander.version' })
  expect(printed).toMatch(/^\d+\.\d+\.\d+/)
})
