// Writes into dist/ what a package has and people do not write: the manual pages and the scripts by which shells complete commands. Started by
// `npm run build`, from the built sources.
import { mkdirSync, writeFileSync } from 'node:fs'
import { completionOf } from '../dist/cli/completion.js'
import { describedCommands } from '../dist/cli/described-commands.js'
import { packageVersion } from '../dist/cli/installation.js'
import { makeProgram } from '../dist/cli/program.js'
import { commandManual } from '../dist/manual/command-manual.js'
import { configurationManual } from '../dist/manual/configuration-manual.js'

const version = packageVersion()
const program = await makeProgram()
const files = {
  'man/wsgid.8': commandManual(describedCommands(program), version),
  'man/wsgid.yaml.5': configurationManual(version),
  'completions/wsgid.bash': completionOf(program, 'bash'),
  'completions/_wsgid': completionOf(program, 'zsh'),
  'completions/wsgid.fish': completionOf(program, 'fish'),
}

for (const directory of ['man', 'completions'])
  mkdirSync(new URL(`../dist/${directory}`, import.meta.url), { recursive: true })
for (const [name, text] of Object.entries(files)) writeFileSync(new URL(`../dist/${name}`, import.meta.url), text)
