// `wsgid import-apache`: a configuration of Apache + mod_wsgi as files of wsgid. Reads and writes; what becomes of what is src/apache/'s business.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { globSync } from 'tinyglobby'
import { collect } from '../apache/collect.ts'
import { expandApache, type IncludedFile, type World } from '../apache/expand.ts'
import { remarkText, renderDraft, type RenderedFile } from '../apache/render.ts'
import { translate } from '../apache/translate.ts'
import type { Draft } from '../apache/draft.ts'
import { renderReport } from '../config/diagnostics.ts'
import { resolvePlan } from '../facts/resolve-plan.ts'
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
  if (expanded.faults.length > 0)
    throw new CommandFailure(
      expanded.faults.map(({ place, what }) => `${place.file}:${place.line}: ${what}`).join('\n'),
    )
  const draft = translate(collect(file, expanded.nodes))
  if (draft.groups.length === 0)
    throw new CommandFailure(
      `import-apache: ${file} has no WSGIScriptAlias: there is nothing to write; name Apache's main file`,
    )
  const files = renderDraft(draft, file)
  write(files, output)
  for (const { path } of files) process.stdout.write(`${join(output, path)}\n`)
  report(draft)
  await check(join(output, 'wsgid.yaml'))
}

function report({ remarks, groups }: Draft): void {
  const all = [
    ...remarks,
    ...groups.flatMap((group) => [...group.remarks, ...group.applications.flatMap((each) => each.remarks)]),
  ]
  const lines = all.map((remark) => `${remark.place.file}:${remark.place.line}: ${remarkText(remark)}\n`)
  process.stderr.write([...new Set(lines)].join(''))
}

async function check(configFile: string): Promise<void> {
  const result = await resolvePlan(configFile)
  if (result.ok) return
  process.stderr.write(`${renderReport(result.diagnostics)}\n`)
  throw new CommandFailure(
    'import-apache: what it wrote does not pass wsgid check yet: see above; correct the files, then run wsgid check',
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
    mkdirSync(dirname(target), { recursive: true, mode: 0o755 })
    writeFileSync(target, text, { mode: 0o644 })
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new CommandFailure(
      `import-apache: ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}; name Apache's main configuration file`,
    )
  }
}

function worldOf(main: string): World {
  const home = dirname(resolve(main))
  return {
    include: (pattern, serverRoot) => included(pattern, serverRoot ?? home),
    exists: existsSync,
    variables: environmentOf(join(home, 'envvars')),
  }
}

/** A directory stands for all files in it and below. */
function included(pattern: string, directory: string): readonly IncludedFile[] {
  const path = resolve(directory, pattern)
  const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  const found = globSync([isDirectory ? `${path}/**` : path], { absolute: true, dot: false, expandDirectories: false })
  return found.sort().map((name) => ({ name, text: textOf(name) }))
}

/** Debian's envvars beside apache2.conf: `export NAME=value`, as far as that can be read without a shell. */
function environmentOf(path: string): ReadonlyMap<string, string> {
  const text = existsSync(path) ? textOf(path) : ''
  const exports = text.matchAll(/^export ([A-Za-z_]\w*)=(\S*)$/gm)
  return new Map(Array.from(exports, ([, name = '', value = '']) => [name, value.replaceAll('$SUFFIX', '')]))
}
