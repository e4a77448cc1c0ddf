// `wsgid import-apache`: a configuration of Apache + mod_wsgi as files of wsgid. Reads and writes; what becomes of what is src/apache/'s business.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { collect } from '../apache/collect.ts'
import { expandApache } from '../apache/expand.ts'
import { remarkLines, renderDraft, type RenderedFile } from '../apache/render.ts'
import type { Fault } from '../apache/syntax.ts'
import { translate } from '../apache/translate.ts'
import { renderReport } from '../config/diagnostics.ts'
import { resolvePlan } from '../facts/resolve-plan.ts'
import { kindOf, textOf, worldOf } from './apache-files.ts'
import { invalidConfigurationExit, printWarnings } from './check.ts'
import { CommandFailure } from './failure.ts'

/** Adds the command to the program. */
export function registerImportApache(program: Command): void {
  program
    .command('import-apache')
    .description('write group files from a configuration of Apache + mod_wsgi; names what it could not carry over')
    .argument('<httpd.conf>', "Apache's main configuration file")
    .option(
      '-o, --output <directory>',
      'where wsgid.yaml and groups.d/ are written; nothing there is overwritten',
      'wsgid',
    )
    .addHelpText('after', '\nExample:\n  wsgid import-apache /etc/apache2/apache2.conf --output /etc/wsgid')
    .action((file: string, { output }: Readonly<{ output: string }>) => importApache(file, output))
}

async function importApache(file: string, output: string): Promise<void> {
  const expanded = expandApache(file, textOf(file), worldOf(file))
  const found = collect(file, expanded)
  if (found.faults.length > 0) throw new CommandFailure(faultsText(file, found.faults), invalidConfigurationExit)
  const draft = translate(found, kindOf)
  const remarks = remarkLines(draft).map((line) => `${line}\n`)
  if (draft.groups.length === 0) {
    process.stderr.write(remarks.join(''))
    throw new CommandFailure(
      `import-apache: ${file} has no application that could be carried over: nothing was written; name Apache's main file`,
    )
  }
  const files = renderDraft(draft, file)
  write(files, output)
  for (const { path } of files) process.stdout.write(`${join(output, path)}\n`)
  process.stderr.write(remarks.join(''))
  await check(join(output, 'wsgid.yaml'))
}

function faultsText(file: string, faults: readonly Fault[]): string {
  const lines = faults.map(({ place, what }) => `  ${place.file}:${place.line}: ${what}`)
  return `import-apache: Apache would not start with ${file}: nothing was written; correct it, apachectl configtest tells more\n${lines.join('\n')}`
}

async function check(configFile: string): Promise<void> {
  const result = await resolvePlan(configFile)
  if (result.ok) {
    printWarnings(result.warnings)
    return
  }
  process.stderr.write(`${renderReport(result.diagnostics)}\n`)
  throw new CommandFailure(
    `import-apache: what it wrote does not pass wsgid check: see above; correct it, then run wsgid check -c ${configFile}`,
    invalidConfigurationExit,
  )
}

function write(files: readonly RenderedFile[], output: string): void {
  const taken = files.map(({ path }) => join(output, path)).filter((path) => existsSync(path))
  if (taken.length > 0)
    throw new CommandFailure(
      `import-apache: ${taken.join(' and ')} exist${taken.length === 1 ? 's' : ''} already: nothing was written; name another directory with --output`,
    )
  for (const { path, text } of files) {
    const target = join(output, path)
    try {
      mkdirSync(dirname(target), { recursive: true, mode: 0o755 })
      // "wx": also what comes into being just now is not overwritten.
      writeFileSync(target, text, { mode: 0o644, flag: 'wx' })
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new CommandFailure(
        `import-apache: ${target} cannot be written: ${why}; name another directory with --output`,
      )
    }
  }
}
