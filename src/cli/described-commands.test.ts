import { expect, test } from '@jest/globals'
import { commandManual } from '../manual/command-manual.ts'
import { describedCommands } from './described-commands.ts'
import { makeProgram } from './program.ts'

const program = await makeProgram()
const commands = describedCommands(program)

test('every command shows examples of itself, by --help and in the manual page', () => {
  const without = commands.filter(({ usage, examples }) => !examples.includes(usage.split(' ', 2).join(' ')))
  expect(without.map(({ usage }) => usage)).toEqual([])
})

/** As far as roff has no names of its own for the characters, and none of it is in bold. */
const plainBeginning = (text: string): string => /^[\w ,.:;()-]*/.exec(text)?.[0] ?? ''

test('the manual page has every command and every option with its text', () => {
  const page = commandManual(commands, '1.2.3').replaceAll('\\-', '-')
  for (const command of program.commands) {
    expect(page).toContain(`.SS "wsgid ${command.name()}`)
    for (const { flags, description } of command.options.filter(({ hidden }) => !hidden)) {
      expect(page).toContain(`.TP\n\\fB${flags}\\fR\n${plainBeginning(description)}`)
    }
  }
})

test('what --help prints is still printed after it was read for the manual page', () => {
  let printed = ''
  const [command] = program.commands
  command?.configureOutput({ writeOut: (text) => (printed += text) }).outputHelp()
  expect(printed).toMatch(/^Usage: wsgid start/)
})
