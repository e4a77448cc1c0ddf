// `wsgid logs`: prints and follows the files of log-dir. Needs no running server.
import { once } from 'node:events'
import { statSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { InvalidArgumentError, type Command } from 'commander'
import { serverLogName } from '../config/group-schema.ts'
import { parseDuration } from '../config/quantities.ts'
import { defaultConfigFile } from '../config/default-config-file.ts'
import { codeOf } from '../errno.ts'
import { followLog } from '../observe/follow-log.ts'
import { isChosen, LastLines, type LineChoice } from '../observe/log-lines.ts'
import { filesOfLog } from '../observe/old-logs.ts'
import { GrowingFile, linesOf, startOfLastLines } from '../observe/log-reader.ts'
import { CommandFailure } from './failure.ts'
import { findDirectories } from './find-run-dir.ts'
import { knownGroups } from './group-names.ts'
import { unknownGroup } from '../config/unknown-group.ts'

type Options = Readonly<{ config: string; follow?: true; lines?: number; since?: number; request?: string }>

const defaultLines = 100
const mostLines = 1_000_000

/** Adds the command to the program. */
export function registerLogs(program: Command): void {
  program
    .command('logs')
    .description('print the log of a group, or the one of the server')
    .argument('[group]', 'a group; default: the server')
    .option('-c, --config <file>', 'configuration file', defaultConfigFile)
    .option('-f, --follow', 'go on with new lines as they come, also when the log is rotated; Ctrl-C ends it')
    .option('-n, --lines <number>', `so many lines; default: ${defaultLines}, with --since or --request all`, countOf)
    .option(
      '--since <time>',
      'lines from then on: a duration ago (10m, 2h) or a time (2026-01-31T12:00, local)',
      timeOf,
    )
    .option('--request <id>', 'only lines about the request of this id, as an error page shows it', requestOf)
    .addHelpText(
      'after',
      '\nExamples:\n  wsgid logs site-1 --follow\n  wsgid logs site-1 --since 10m\n  wsgid logs site-1 --request k3f9x2',
    )
    .action((group: string | undefined, options: Options) => logs(group, options))
}

async function logs(group: string | undefined, options: Options): Promise<void> {
  const path = await findLog(group, options.config)
  const choice: LineChoice = { since: options.since ?? null, request: options.request ?? null }
  const everything = choice.since === null && choice.request === null
  try {
    if (everything) await printEnd(path, options.lines ?? defaultLines, options.follow === true)
    else await printChosen(path, choice, options)
  } catch (error) {
    throw readingFailure(path, error)
  }
}

/** @throws CommandFailure when the server has no logs in files, or no such group */
async function findLog(group: string | undefined, config: string): Promise<string> {
  const { runDir, logDir } = findDirectories(config)
  if (logDir === '-')
    throw new CommandFailure(
      `logs: the logs are in no files: log-dir is "-" in ${config}, so they go to stderr; look where that goes (journalctl under systemd), or set log-dir`,
    )
  const path = join(logDir, `${group ?? serverLogName}.log`)
  if (group !== undefined && changedAt(path) === null) await mustExist(group, { config, runDir })
  return path
}

async function mustExist(group: string, { config, runDir }: Readonly<{ config: string; runDir: string }>) {
  const known = await knownGroups(config, runDir)
  if (known.includes(group)) return
  throw new CommandFailure(`logs: ${unknownGroup(group, known)}`)
}

/** The last lines, then (following) what comes. */
async function printEnd(path: string, lines: number, follow: boolean): Promise<void> {
  const start = async (file: FileHandle): Promise<number> =>
    lines === 0 ? (await file.stat()).size : startOfLastLines(file, lines)
  await print(await linesBefore(path, lines))
  if (follow) return print(followLog(path, start))
  const file = await GrowingFile.open(path, start)
  if (file === null) {
    sayNothingYet(path)
    return
  }
  await print(file.newLines())
  await file.close()
}

/** What the log lacks of so many lines, from the files that were put aside last. */
async function linesBefore(path: string, lines: number): Promise<readonly string[]> {
  const [, ...older] = filesOfLog(path).toReversed()
  const before: string[] = []
  let missing = lines === 0 || older.length === 0 ? 0 : lines - (await countLines(path, lines))
  for (const name of older) {
    const last = missing === 0 ? null : await GrowingFile.open(name, (file) => startOfLastLines(file, missing))
    if (last === null) break
    const found: string[] = []
    for await (const line of last.newLines()) found.push(line)
    await last.close()
    before.unshift(...found)
    missing -= found.length
  }
  return before
}

/** So many at most; 0 for a log that does not exist. */
async function countLines(path: string, most: number): Promise<number> {
  let count = 0
  if (changedAt(path) === null) return count
  for await (const _ of linesOf(path)) if ((count += 1) >= most) break
  return count
}

async function printChosen(path: string, choice: LineChoice, { lines, follow }: Options): Promise<void> {
  const files = filesOfLog(path).filter((file) => isWithin(file, choice.since))
  if (files.length === 0 && !follow) {
    sayNothingYet(path)
    return
  }
  if (lines !== undefined) await print(await lastOf(files, choice, lines))
  else for (const file of files) if (!follow || file !== path) await print(chosen(linesOf(file), choice))
  // Without a number of lines one reading goes from the first line to those to come.
  const start = async (file: FileHandle): Promise<number> => (lines === undefined ? 0 : (await file.stat()).size)
  if (follow) await print(chosen(followLog(path, start), choice))
}

/** Files whose last line is too old need not be read. */
function isWithin(file: string, since: number | null): boolean {
  const changed = changedAt(file)
  return changed !== null && (since === null || changed >= since)
}

/** In milliseconds since 1970; null when there is no such file. @throws CommandFailure when one may not look */
function changedAt(path: string): number | null {
  try {
    return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null
  } catch (error) {
    throw readingFailure(path, error)
  }
}

async function lastOf(files: readonly string[], choice: LineChoice, count: number): Promise<readonly string[]> {
  const last = new LastLines(count)
  for (const file of files) for await (const line of chosen(linesOf(file), choice)) last.add(line)
  return last.lines
}

async function* chosen(lines: AsyncIterable<string>, choice: LineChoice): AsyncGenerator<string> {
  let wanted = false
  for await (const line of lines) {
    wanted = isChosen(line, choice, wanted)
    if (wanted) yield line
  }
}

/** Writes lines no faster than they are taken. */
async function print(lines: AsyncIterable<string> | Iterable<string>): Promise<void> {
  const out = process.stdout
  for await (const line of lines) if (!out.write(`${line}\n`)) await once(out, 'drain')
}

function sayNothingYet(path: string): void {
  process.stderr.write(`wsgid: logs: nothing is logged yet: there is no ${path}\n`)
}

function readingFailure(path: string, error: unknown): unknown {
  const code = codeOf(error)
  if (code === 'EACCES')
    return new CommandFailure(`logs: ${path}: permission denied; run this as root or as the account that started wsgid`)
  if (code === 'ENOENT') return new CommandFailure(`logs: ${path}: there is no such directory yet; start wsgid first`)
  return error
}

function countOf(text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : NaN
  if (count <= mostLines) return count
  throw new InvalidArgumentError(`Give a whole number up to ${mostLines}.`)
}

function timeOf(text: string): number {
  const ago = parseDuration(text)
  const time = ago === undefined ? Date.parse(text) : Date.now() - ago
  if (!Number.isNaN(time)) return time
  throw new InvalidArgumentError('Give a duration such as 10m or 2h, or a time such as 2026-01-31T12:00.')
}

function requestOf(text: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(text)) return text
  throw new InvalidArgumentError('Give the id that an error page or a log shows.')
}
