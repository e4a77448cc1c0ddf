import { expect, test } from '@jest/globals'
import { makeProgram, programFor } from './program.ts'

/** What stands on stderr after words that the program does not understand. */
async function complaintAbout(...words: readonly string[]): Promise<string> {
  let said = ''
  const program = await programFor(words)
  for (const command of [program, ...program.commands]) command.configureOutput({ writeErr: (text) => (said += text) })
  await expect(program.parseAsync(words, { from: 'user' })).rejects.toMatchObject({ exitCode: 1 })
  return said
}

const names = (await makeProgram()).commands.map((command) => command.name())

for (const name of names) {
  test(`${name}: a wrong option is named, with where the right ones stand`, async () => {
    expect(await complaintAbout(name, '--frobnicate')).toBe(
      `wsgid: unknown option '--frobnicate'\nsee wsgid ${name} --help\n`,
    )
  })
}

test('a misspelt command is told the nearest one', async () => {
  expect(await complaintAbout('restrat')).toBe(
    "wsgid: unknown command 'restrat'\n(Did you mean restart?)\nsee wsgid --help\n",
  )
})
